"""Executions that do not go on because a task of theirs fails each time that it is tried."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription

from workerhost.model import Project
from workerhost.runtime.builds.activities import no_activity
from workerhost.runtime.builds.cache import BuildUnavailableError
from workerhost.runtime.executions.execution import Stuck
from workerhost.runtime.executions.failures import failure_text, failure_type
from workerhost.runtime.executions.history.values import read_failure
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import StuckCode

EVENTS_OF_PAGE, MOST_PAGES = 50, 10
"""How much of the end of a history is read to find an event. What fails is nearly always among the last few."""


async def failing_task(client: Client, described: WorkflowExecutionDescription) -> Stuck | None:
    """Return what the execution's workflow task fails with, if it is tried again; reads the history only then."""
    task = described.raw_description.pending_workflow_task
    if task.attempt < 2:
        return None
    since, code = task.original_scheduled_time.ToDatetime(UTC), StuckCode.WORKFLOW_TASK_FAILS
    reason = "it was not done in time"
    async for event in _latest_events(client, described):
        # Temporal writes the first failure of several in a row.
        if event.HasField("workflow_task_failed_event_attributes"):
            error = await read_failure(client.data_converter, event.workflow_task_failed_event_attributes.failure)
            since, code, reason = event.event_time.ToDatetime(UTC), _code(error, code), failure_text(error)
            break
        if event.HasField("workflow_task_timed_out_event_attributes"):
            since = event.event_time.ToDatetime(UTC)
            break
    is_begun = task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
    return Stuck(since, f"its workflow task fails: {reason}", code, task.attempt if is_begun else task.attempt - 1)


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
    since = await _scheduled_at(client, described, activity)
    return Stuck(since, f"{reason}; it {again}", code, activity.attempt if is_begun else failures)


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


async def _scheduled_at(
    client: Client, described: WorkflowExecutionDescription, activity: PendingActivityInfo
) -> datetime:
    """Return when the activity was scheduled first, or else when its last try ended."""
    async for event in _latest_events(client, described):
        if event.activity_task_scheduled_event_attributes.activity_id == activity.activity_id:
            return event.event_time.ToDatetime(UTC)
    return activity.last_attempt_complete_time.ToDatetime(UTC)


async def _latest_events(client: Client, described: WorkflowExecutionDescription) -> AsyncIterator[HistoryEvent]:
    """Yield events of the history, the last first, as far as it is read."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=described.id, run_id=described.run_id),
        maximum_page_size=EVENTS_OF_PAGE,
    )
    for _ in range(MOST_PAGES):
        page = await client.workflow_service.get_workflow_execution_history_reverse(
            request, retry=True, timeout=RPC_TIMEOUT
        )
        for event in page.history.events:
            yield event
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token
