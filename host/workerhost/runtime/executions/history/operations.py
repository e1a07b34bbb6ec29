"""What callers ask of histories: steps a page at a time, one step whole, and the events themselves."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription

from workerhost.errors import NotFoundError
from workerhost.model import Project
from workerhost.runtime.executions.execution import Execution, execution_of
from workerhost.runtime.executions.history.folding import StepFolding
from workerhost.runtime.executions.history.marks import Marks
from workerhost.runtime.executions.history.reading import Position, read_after
from workerhost.runtime.executions.history.step import Step, shortened_step
from workerhost.runtime.executions.lookup import describe, of_execution
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.words import RunId, WorkflowId

READ_SECONDS = 60.0
"""How long reading a history may take: one of the most events that Temporal takes, 51,200, has 200 pages."""


class Histories:
    """Histories of the runs of projects. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer, `NotFoundError` where the project has
    no such execution, and `InvalidRequestError` where a cursor is none of ours.

    Args:
        temporal: the way to Temporal.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal
        self._marks = Marks()

    def steps(
        self, project: Project, workflow_id: WorkflowId, limit: int, cursor: str | None
    ) -> tuple[Sequence[Step], str | None]:
        """Return a page of the steps of the latest run, in the order in which they began; long values are cut.

        Args:
            project: whose run it is.
            workflow_id: of the run.
            limit: steps of the page, at most.
            cursor: of the page; it stays with the run of the first one.
        """
        place = ["steps", project.id, workflow_id]
        after = Position.of_cursor(cursor, place) if cursor else None

        async def read(client: Client) -> tuple[Sequence[Step], str | None]:
            described = await describe(client, project, workflow_id, after.run_id if after else None)
            begin = after.event if after else 0
            folding = StepFolding(client.data_converter, after=begin, most=limit + 1)
            await _fold(described, folding, read_after(client, described, begin, self._marks), limit)
            numbers = list(folding.steps)[:limit]
            has_more = len(folding.steps) > limit
            end = Position(RunId(described.run_id), numbers[-1]).to_cursor(place) if has_more else None
            return [folding.steps[number] for number in numbers], end

        steps, end = self._temporal.call(of_execution(project, workflow_id, read), READ_SECONDS)
        return [shortened_step(step) for step in steps], end

    def whole(self, project: Project, workflow_id: WorkflowId, most: int) -> tuple[Execution, Sequence[Step], bool]:
        """Return the latest run without its outcome, its steps in the order in which they began, and if these are all.

        Args:
            project: whose run it is.
            workflow_id: of the run.
            most: steps that are read; their values are whole.
        """

        async def read(client: Client) -> tuple[Execution, Sequence[Step], bool]:
            described = await describe(client, project, workflow_id)
            folding = StepFolding(client.data_converter, most=most + 1)
            await _fold(described, folding, read_after(client, described, 0, self._marks), most)
            steps = list(folding.steps.values())
            return execution_of(described), steps[:most], len(steps) <= most

        return self._temporal.call(of_execution(project, workflow_id, read), READ_SECONDS)

    def step(self, project: Project, workflow_id: WorkflowId, number: int) -> Step:
        """Return one step of the latest run, with its values whole.

        Raises:
            NotFoundError: the run has no such step.
        """

        async def read(client: Client) -> Step:
            described = await describe(client, project, workflow_id)
            folding = StepFolding(client.data_converter, after=number - 1, most=1)
            await _fold(described, folding, read_after(client, described, number - 1, self._marks), 1, number)
            if number not in folding.steps:
                raise NotFoundError(f"execution {workflow_id} has no step {number}", code="step_not_found")
            return folding.steps[number]

        return self._temporal.call(of_execution(project, workflow_id, read), READ_SECONDS)

    def events(
        self, project: Project, workflow_id: WorkflowId, limit: int, cursor: str | None
    ) -> tuple[Sequence[dict[str, Any]], str | None]:
        """Return a page of the events of the latest run as Temporal's own JSON, the first one first."""
        place = ["history", project.id, workflow_id]
        after = Position.of_cursor(cursor, place) if cursor else None

        async def read(client: Client) -> tuple[Sequence[HistoryEvent], str | None]:
            described = await describe(client, project, workflow_id, after.run_id if after else None)
            run_id, begin = RunId(described.run_id), after.event if after else 0
            found: list[HistoryEvent] = []
            async with aclosing(read_after(client, described, begin, self._marks)) as pages:
                async for events in pages:
                    found += [event for event in events if event.event_id > begin]
                    if len(found) > limit:
                        return found[:limit], Position(run_id, found[limit - 1].event_id).to_cursor(place)
            return found, None

        events, end = self._temporal.call(of_execution(project, workflow_id, read), READ_SECONDS)
        return [MessageToDict(event) for event in events], end


async def _fold(
    described: WorkflowExecutionDescription,
    folding: StepFolding,
    pages: AsyncGenerator[Sequence[HistoryEvent], None],
    limit: int,
    only: int | None = None,
) -> None:
    """Take the history as far as the first `limit` steps need it, or the one that begins with the event `only`."""
    raw = described.raw_description
    children = {child.initiated_id for child in raw.pending_children}
    async with aclosing(pages):
        async for events in pages:
            for event in events:
                await folding.take(event)
            await folding.take_pending(raw.pending_activities)
            open_ones = [number for number in list(folding.steps)[:limit] if not folding.steps[number].status.is_end]
            has_all = len(folding.steps) > limit or (only is not None and events[-1].event_id >= only)
            if has_all and all(folding.is_pending(number) or number in children for number in open_ones):
                return
