"""Executions that do not go on because a task of theirs fails each time that it is tried."""

from dataclasses import replace
from datetime import UTC

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionDescription

from workerhost.model import Project
from workerhost.runtime.builds.activities import no_activity
from workerhost.runtime.builds.cache import BuildUnavailableError
from workerhost.runtime.executions.execution import Stuck
from workerhost.runtime.executions.failures import failure_text, failure_type
from workerhost.runtime.executions.history.failure import failure_of_run
from workerhost.runtime.executions.history.latest import latest_events
from workerhost.runtime.executions.history.step import node_of
from workerhost.runtime.executions.history.values import read_failure, read_summary
from workerhost.words import StuckCode


async def failing_task(client: Client, described: WorkflowExecutionDescription) -> Stuck | None:
    """Return what the execution's workflow task fails with, if it is tried again; reads the history only then."""
    task = described.raw_description.pending_workflow_task
    if task.attempt < 2:
        return None
    is_begun = task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
    attempts = task.attempt if is_begun else task.attempt - 1
    since, code = task.original_scheduled_time.ToDatetime(UTC), StuckCode.WORKFLOW_TASK_FAILS
    reason, failure = "it was not done in time", None
    async for event in latest_events(client, described):
        # Temporal writes the first failure of several in a row.
        if event.HasField("workflow_task_failed_event_attributes"):
            error = await read_failure(client.data_converter, event.workflow_task_failed_event_attributes.failure)
            since, code, reason = event.event_time.ToDatetime(UTC), _code(error, code), failure_text(error)
            failure = replace(failure_of_run(error), attempt=task.attempt - 1)
            break
        if event.HasField("workflow_task_timed_out_event_attributes"):
            since = event.event_time.ToDatetime(UTC)
            break
    return Stuck(since, f"its workflow task fails: {reason}", code, attempts, failure)


async def failing_activity(client: Client, project: Project, described: WorkflowExecutionDescription) -> Stuck | None:
    """Return what an activity of the execution fails with, if one is tried again: the one that has failed most."""
    retried = [each for each in described.raw_description.pending_activities if _is_retried(each)]
    if not retried:
        return None
    activity = max(retried, key=lambda each: each.attempt)
    error = await read_failure(client.data_converter, activity.last_failure)
    name, failures = activity.activity_type.name, activity.attempt - 1
    code, text = _code(error, StuckCode.ACTIVITY_RETRIES), failure_text(error)
    reason = f"activity {name} has failed {'once' if failures == 1 else f'{failures} times'}: {text}"
    if (unknown := text.removeprefix("NotFoundError: ")).startswith(no_activity(project.id, name)):
        code, reason = StuckCode.ACTIVITY_UNKNOWN, unknown
    is_begun = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    again = "is tried again now" if is_begun else f"is tried again at {_time(activity)}"
    scheduled = await _scheduled(client, described, activity)
    since = scheduled.event_time if scheduled else activity.last_attempt_complete_time
    step = str(scheduled.event_id) if scheduled else None
    summary = await read_summary(client.data_converter, scheduled.user_metadata.summary) if scheduled else None
    failure = replace(failure_of_run(error), step=step, node=node_of(summary), activity=name, attempt=failures)
    attempts = activity.attempt if is_begun else failures
    return Stuck(since.ToDatetime(UTC), f"{reason}; it {again}", code, attempts, failure)


def _code(error: BaseException, otherwise: StuckCode) -> StuckCode:
    # One with a cause has found the build, which does not load.
    is_missing = failure_type(error) == BuildUnavailableError.__name__ and error.__cause__ is None
    return StuckCode.NO_BUILD if is_missing else otherwise


def _is_retried(activity: PendingActivityInfo) -> bool:
    """Tell whether it waits for its next try, or has failed more than once: a second try may well succeed."""
    is_waiting = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    return activity.HasField("last_failure") and activity.attempt >= (2 if is_waiting else 3)


def _time(activity: PendingActivityInfo) -> str:
    return activity.scheduled_time.ToDatetime(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def _scheduled(
    client: Client, described: WorkflowExecutionDescription, activity: PendingActivityInfo
) -> HistoryEvent | None:
    """Return the event with which the activity was scheduled; None where it is too far back."""
    async for event in latest_events(client, described):
        if event.activity_task_scheduled_event_attributes.activity_id == activity.activity_id:
            return event
    return None
