"""The end of a history, and what is found there: nearly always what somebody looks for who asks why a run failed."""

from collections.abc import AsyncIterator

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.exceptions import ActivityError, ChildWorkflowError

from workerhost.runtime.executions.history.failure import FailedTry, step_of
from workerhost.runtime.executions.history.step import node_of
from workerhost.runtime.executions.history.values import read_summary
from workerhost.runtime.temporal.connection import RPC_TIMEOUT

EVENTS_OF_PAGE, MOST_PAGES = 50, 10
"""How much of the end of a history is read to find an event. What fails is nearly always among the last few."""


async def latest_events(client: Client, described: WorkflowExecutionDescription) -> AsyncIterator[HistoryEvent]:
    """Yield events of the history, the last first, as far as it is read.

    Raises:
        RPCError: Temporal does not give them.
    """
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


async def failed_try(client: Client, described: WorkflowExecutionDescription, error: BaseException) -> FailedTry | None:
    """Return the last try of the activity that made a run fail, or its child; None where neither did, or too long ago.

    Args:
        client: on the running loop.
        described: the run.
        error: what it failed with.

    Raises:
        RPCError: Temporal does not give the history.
    """
    failed = _failed_step(error)
    if failed is None:
        return None
    begun = failed.started_event_id if isinstance(failed, ActivityError) else 0  # one that began too late has none
    began_with = failed.scheduled_event_id if isinstance(failed, ActivityError) else failed.initiated_event_id
    found = None
    async for event in latest_events(client, described):
        if begun and event.event_id == begun:
            found = FailedTry(step_of(failed), event.activity_task_started_event_attributes.attempt)
        elif event.event_id == began_with:
            node = node_of(await read_summary(client.data_converter, event.user_metadata.summary))
            return FailedTry(step_of(failed), found.attempt if found else None, node)
    return found


def _failed_step(error: BaseException | None) -> ActivityError | ChildWorkflowError | None:
    """Return the error of an activity or a child of the run itself that is in the chain, if one is."""
    while error is not None and not isinstance(error, ActivityError | ChildWorkflowError):
        error = error.__cause__
    return error
