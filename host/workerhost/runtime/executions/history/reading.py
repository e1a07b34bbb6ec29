"""Reading a run's history: page by page from the beginning, and where a caller's page ends."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client

from workerhost.runtime.executions import cursors
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import RunId, WorkflowId

EVENTS_OF_PAGE = 1000
"""That are asked for at once; servers give 256 unless they are set otherwise."""


@dataclass(frozen=True)
class Position:
    """Where a page of a run's history ends.

    It names an event, and not a page of Temporal's: what that hands out would let its bearer read other histories.
    """

    run_id: RunId
    event: int
    """The number of the last event that was shown, or with which the last step began."""

    def to_cursor(self) -> str:
        """Return the position as text that a client hands back."""
        return cursors.encode([self.run_id, self.event])

    @classmethod
    def of_cursor(cls, cursor: str) -> "Position":
        """Return the position that a cursor holds.

        Raises:
            InvalidRequestError: the cursor is not one that this service made.
        """
        return cursors.decode(cursor, cls._read)

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
        page = await client.workflow_service.get_workflow_execution_history(request, retry=True, timeout=RPC_TIMEOUT)
        yield page.history.events
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token
