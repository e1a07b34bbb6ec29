"""Executions."""

from typing import Any

from workerhost.answers import ExecutionInfo
from workerhost.runtime.executions.execution import Execution
from workerhost.words import BuildId, ExecutionStatus


def execution_info(execution: Execution, moved_to: BuildId | None) -> ExecutionInfo:
    """Return an execution as the API shows it, with `result` where it completed and `error` where it ended otherwise.

    Args:
        execution: as Temporal sees it.
        moved_to: id of the build that it was moved to, if it was.
    """
    outcome: dict[str, Any] = {}
    if execution.error is not None:
        outcome["error"] = execution.error
    elif execution.status == ExecutionStatus.COMPLETED:
        outcome["result"] = execution.result
    return ExecutionInfo(
        workflow_id=execution.workflow_id,
        run_id=execution.run_id,
        workflow_type=execution.workflow_type,
        status=execution.status,
        started_at=execution.started_at,
        closed_at=execution.closed_at,
        build_id=moved_to or execution.build_id,
        **outcome,
    )
