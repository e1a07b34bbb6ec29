"""The places in a run's history to which it can be reset."""

from dataclasses import dataclass
from enum import StrEnum

from temporalio.client import Client, WorkflowExecutionDescription

from workerhost.errors import ConflictError, NotFoundError
from workerhost.runtime.executions.history.beginnings import Beginnings
from workerhost.runtime.executions.history.reading import read_pages
from workerhost.words import RunId, WorkflowId


class ResetEnd(StrEnum):
    """One of a run's workflow tasks."""

    FIRST = "first"
    """The run begins anew."""
    LAST = "last"
    """The last task that was done is done again."""


ResetTo = ResetEnd | int
"""A task, or the number of a step, before which the run is taken back."""


@dataclass(frozen=True)
class ResetPoint:
    """The workflow task that is done again."""

    event: int
    """The number of the event with which it ended, as Temporal wants it."""
    before: int
    """The number of the event with which it was scheduled; what came before it stays."""
    is_first: bool
    """Whether it is the run's first, with which the run takes its build."""
    is_done: bool = True
    """Whether the run has done it. Where it has begun it alone, Temporal cannot always go back to it."""


async def find_point(client: Client, described: WorkflowExecutionDescription, to: ResetTo) -> ResetPoint:
    """Return the task that a reset does again; reads the history as far as that needs.

    A step is begun by the task before it. One that came from outside, as a signal, belongs to the task before it, too;
    one that came before every task belongs to the first one.

    Raises:
        NotFoundError: the run has no such step.
        ConflictError: the run has had no task yet.
        RPCError: Temporal does not give the history.
    """
    beginnings, scheduled, started = Beginnings(client.data_converter), 0, 0
    first: ResetPoint | None = None
    last: ResetPoint | None = None
    is_there = isinstance(to, ResetEnd)
    async for events in read_pages(client, WorkflowId(described.id), RunId(described.run_id)):
        for event in events:
            scheduled = scheduled or event.event_id * event.HasField("workflow_task_scheduled_event_attributes")
            started = started or event.event_id * event.HasField("workflow_task_started_event_attributes")
            if event.event_id == to:
                if await beginnings.step(event) is None:
                    break
                is_there = True
            if event.HasField("workflow_task_completed_event_attributes"):
                began = event.workflow_task_completed_event_attributes.scheduled_event_id
                last = ResetPoint(event.event_id, began, is_first=first is None)
                first = first or last
            if last is not None and (to == ResetEnd.FIRST or (is_there and to != ResetEnd.LAST)):
                return last
    if not is_there:
        raise NotFoundError(f"execution {described.id} has no step {to}", code="step_not_found")
    if last is None and not started:
        raise nothing_to_reset(described.id)
    return last or ResetPoint(started, scheduled, is_first=True, is_done=False)


def nothing_to_reset(workflow_id: str) -> ConflictError:
    """Return the error for a run that has done no task."""
    return ConflictError(f"execution {workflow_id} has done nothing yet", code="nothing_to_reset")
