"""The workflow's clock, and what a run knows of itself."""

from datetime import UTC, datetime
from typing import Any

from temporalio import workflow


def now() -> int:
    """Return `Date.now()`: milliseconds since 1970 by the workflow's clock."""
    return int(workflow.now().timestamp() * 1000)


def now_text() -> str:
    """Return `new Date().toISOString()`, by the workflow's clock."""
    return iso_text(workflow.now())


def iso_text(moment: datetime) -> str:
    """Return a moment as JavaScript writes it in ISO 8601: in UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def workflow_info() -> dict[str, Any]:
    """Return `workflowInfo()`: the ids, the type and the times of the run."""
    info = workflow.info()
    return {
        "workflowId": info.workflow_id,
        "runId": info.run_id,
        "workflowType": info.workflow_type,
        "namespace": info.namespace,
        "taskQueue": info.task_queue,
        "attempt": info.attempt,
        "startTime": iso_text(info.start_time),
        "firstExecutionRunId": info.first_execution_run_id,
        "continuedFromExecutionRunId": info.continued_run_id,
        "historyLength": info.get_current_history_length(),
        "parent": None if info.parent is None else {"workflowId": info.parent.workflow_id, "runId": info.parent.run_id},
    }
