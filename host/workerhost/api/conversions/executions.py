"""Executions."""

from typing import Any

from workerhost.answers import ExecutionInfo, StuckInfo
from workerhost.runtime.executions.execution import Execution, Stuck
from workerhost.words import BuildId, ExecutionStatus


def execution_details(execution: Execution, moved_to: BuildId | None) -> ExecutionInfo:
    """Return an execution as the API shows it where it is asked for: as in a list, and why it does not go on.

    Args:
        execution: as Temporal sees it.
        moved_to: id of the build that it was moved to, if it was.
    """
    return execution_info(execution, moved_to).model_copy(update={"stuck": _stuck_info(execution.stuck)})


def execution_info(execution: Execution, moved_to: BuildId | None) -> ExecutionInfo:
    """Return an execution as a list shows it, with `result` where it completed and `error` where it ended otherwise.

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


def _stuck_info(stuck: Stuck | None) -> StuckInfo | None:
    if stuck is None:
        return None
    return StuckInfo(since=stuck.since, reason=stuck.reason, code=stuck.code, attempts=stuck.attempts)
