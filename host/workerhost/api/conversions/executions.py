"""Executions."""

from typing import Any

from workerhost.answers import ExecutionInfo, FailureInfo, ParentInfo, StuckInfo, UpdateResult
from workerhost.runtime.executions.execution import Execution, Stuck
from workerhost.runtime.executions.history.failure import Failure
from workerhost.runtime.executions.messages import Update, UpdateStage
from workerhost.words import BuildId, ExecutionStatus


def execution_details(execution: Execution, moved_to: BuildId | None) -> ExecutionInfo:
    """Return an execution as the API shows it where it is asked for: as in a list, and why it does not go on.

    Args:
        execution: as Temporal sees it.
        moved_to: id of the build that it was moved to, if it was.
    """
    shown: dict[str, Any] = {"stuck": _stuck_info(execution.stuck), "failure": failure_info(execution.failure)}
    if (details := execution.details) is not None:
        parent = details.parent
        shown |= {
            "input": tuple(details.input),
            "memo": dict(details.memo),
            "search_attributes": dict(details.search_attributes),
            "history_length": details.history_length,
            "parent": ParentInfo(workflow_id=parent.workflow_id, run_id=parent.run_id) if parent else None,
        }
    return execution_info(execution, moved_to).model_copy(update=shown)


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
    if execution.stuck is not None:
        outcome["stuck"] = _stuck_info(execution.stuck)
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


def failure_info(failure: Failure | None) -> FailureInfo | None:
    """Return a failure as the API shows it."""
    if failure is None:
        return None
    return FailureInfo(
        message=failure.message,
        type=failure.type,
        non_retryable=failure.non_retryable,
        **given(
            step=failure.step,
            node=failure.node,
            activity=failure.activity,
            attempt=failure.attempt,
            stack_trace=failure.stack_trace,
            details=tuple(failure.details) or None,
            cause=failure_info(failure.cause),
        ),
    )


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are there; keys that an answer may leave out are left out where they are not."""
    return {name: value for name, value in values.items() if value is not None}


def update_result(update: Update) -> UpdateResult:
    """Return how far an update has come, with what it returned where it has completed."""
    if update.stage != UpdateStage.COMPLETED:
        return UpdateResult(update_id=update.id, status=update.stage)
    return UpdateResult(update_id=update.id, status=update.stage, result=update.result)


def _stuck_info(stuck: Stuck | None) -> StuckInfo | None:
    if stuck is None:
        return None
    return StuckInfo(since=stuck.since, reason=stuck.reason, code=stuck.code, attempts=stuck.attempts)
