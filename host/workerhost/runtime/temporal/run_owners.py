"""Whose runs there are: the task queue of each names the project that it belongs to."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workerhost.runtime.temporal.connection import TemporalConnection

_TIMEOUT = timedelta(seconds=1.2)
"""For all of them; a workflow task waits, and its SDK sees a deadlock after 2 s."""

_AT_ONCE = 50


@dataclass(frozen=True)
class OwnedRun:
    """The latest run that has a workflow id."""

    task_queue: str
    run_id: str
    is_open: bool


class RunOwners:
    """Asks Temporal. Safe to use from any thread; blocks."""

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def of(self, workflow_ids: Collection[str]) -> dict[str, OwnedRun]:
        """Return the latest runs by their workflow ids; ids that no run has are left out.

        Raises:
            TemporalUnavailableError: it does not answer in time.
            TemporalRefusedError: it does not let this service in.
            RPCError: it answered with another error.
        """

        async def ask(client: Client) -> list[OwnedRun | None]:
            places = asyncio.Semaphore(_AT_ONCE)
            return await asyncio.gather(*(_latest_run(client, each, places) for each in workflow_ids))

        found = self._temporal.call(ask, _TIMEOUT.total_seconds()) if workflow_ids else []
        return {workflow_id: run for workflow_id, run in zip(workflow_ids, found, strict=True) if run is not None}


async def _latest_run(client: Client, workflow_id: str, places: asyncio.Semaphore) -> OwnedRun | None:
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        async with places:
            answer = await client.workflow_service.describe_workflow_execution(request, timeout=_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    info = answer.workflow_execution_info
    is_open = info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
    return OwnedRun(info.task_queue, info.execution.run_id, is_open)
