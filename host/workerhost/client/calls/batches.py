"""Calls about batches."""

from collections.abc import Callable

from workerhost.answers import BatchInfo, BatchPage, BatchResult
from workerhost.client.calls.call import Call, project_path
from workerhost.client.options import BatchOptions, as_batch, as_flag

ShowBatch = Callable[[BatchInfo], object]
"""Is called with a batch as it is now."""


def start_batch(project_id: str, operation: str, options: BatchOptions) -> Call[BatchResult]:
    """Have something done with many executions."""
    body = {"operation": operation, **as_batch(options)}
    query = {"unchecked": as_flag(options.get("unchecked"))}
    return Call("POST", project_path(project_id, "batches"), BatchResult, body, query)


def batches(project_id: str, limit: int | None, cursor: str | None) -> Call[BatchPage]:
    """List batches, newest first: a page of them."""
    return Call("GET", project_path(project_id, "batches"), BatchPage, query={"limit": limit, "cursor": cursor})


def batch(project_id: str, batch_id: str) -> Call[BatchInfo]:
    """Ask how far a batch is."""
    return Call("GET", project_path(project_id, "batches", batch_id), BatchInfo)


def stop_batch(project_id: str, batch_id: str) -> Call[BatchInfo]:
    """Have a batch end before its time."""
    return Call("POST", project_path(project_id, "batches", batch_id, "stop"), BatchInfo)
