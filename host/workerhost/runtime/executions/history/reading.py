"""Reading a run's history: page by page from the beginning, and where a caller's page ends."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryResponse
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from workerhost.runtime.executions import cursors
from workerhost.runtime.executions.history.marks import Marks
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import RunId, WorkflowId

EVENTS_OF_PAGE = 1000
"""That are asked for at once; servers give 256 unless they are set otherwise."""

_MARK_REFUSED = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND)
"""What Temporal answers where it takes a page's beginning no more."""


@dataclass(frozen=True)
class Position:
    """Where a page of a run's history ends.

    It names an event, and not a page of Temporal's: what that hands out would let its bearer read other histories.
    """

    run_id: RunId
    event: int
    """The number of the last event that was shown, or with which the last step began."""

    def to_cursor(self, place: Sequence[str]) -> str:
        """Return the position in a list as text that a client hands back; `place` is as `cursors.encode` takes it."""
        return cursors.encode(place, [self.run_id, self.event])

    @classmethod
    def of_cursor(cls, cursor: str, place: Sequence[str]) -> "Position":
        """Return the position in a list that a cursor holds.

        Raises:
            InvalidRequestError: the cursor is not one that this service made for that list.
        """
        return cursors.decode(cursor, place, cls._read)

    @classmethod
    def _read(cls, values: Any) -> "Position":
        run_id, event = values
        return cls(RunId(str(uuid.UUID(run_id))), int(event))


def history_request(
    client: Client, workflow_id: WorkflowId, run_id: RunId, size: int = EVENTS_OF_PAGE
) -> GetWorkflowExecutionHistoryRequest:
    """Return the question for the first events of a run.

    Args:
        client: that will ask it.
        workflow_id: of the run.
        run_id: of the run.
        size: events that are asked for at once.
    """
    return GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=size,
    )


async def read_pages(
    client: Client, workflow_id: WorkflowId, run_id: RunId, size: int = EVENTS_OF_PAGE
) -> AsyncGenerator[Sequence[HistoryEvent], None]:
    """Yield the events of a run, page by page from the first on, as far as there are any now.

    Args:
        client: on the running loop.
        workflow_id: of the run.
        run_id: of the run.
        size: events that are asked for at once.

    Raises:
        RPCError: Temporal does not give them.
    """
    request = history_request(client, workflow_id, run_id, size)
    while True:
        page = await _ask(client, request)
        yield page.history.events
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token


async def read_after(
    client: Client, described: WorkflowExecutionDescription, event: int, marks: Marks
) -> AsyncGenerator[Sequence[HistoryEvent], None]:
    """Yield the events of a run after that one, page by page; the first page may have some before it, too.

    What was read before of that run is not read again, as far as `marks` knows where its pages begin.

    Args:
        client: on the running loop.
        described: the run as it is now.
        event: the number of the last event that is not wanted.
        marks: is told of all pages that are read.

    Raises:
        RPCError: Temporal does not give them.
    """
    run_id, length = RunId(described.run_id), described.raw_description.workflow_execution_info.history_length
    request = history_request(client, WorkflowId(described.id), run_id, EVENTS_OF_PAGE)
    known = marks.before(run_id, event)
    request.next_page_token = known or b""
    last = 0
    while True:
        try:
            page = await _ask(client, request)
        except RPCError as error:
            if known is None or last or error.status not in _MARK_REFUSED:
                raise
            marks.forget(run_id)
            known, request.next_page_token = None, b""
            continue
        events = [each for each in page.history.events if each.event_id > last]
        if events:
            last = events[-1].event_id
            yield events
        request.next_page_token = page.next_page_token
        if page.next_page_token:
            marks.add(run_id, last, page.next_page_token)
        elif known is not None and last < length:
            # What Temporal hands out for a page knows of the events alone that there were then.
            marks.forget(run_id)
            known = None
        else:
            return


async def _ask(client: Client, request: GetWorkflowExecutionHistoryRequest) -> GetWorkflowExecutionHistoryResponse:
    return await client.workflow_service.get_workflow_execution_history(request, retry=True, timeout=RPC_TIMEOUT)
