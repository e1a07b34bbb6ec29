"""Following one run, for all who watch it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryResponse
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import NotFoundError, WorkerhostError
from workerhost.model import Project
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.history.folding import StepFolding
from workerhost.runtime.executions.history.reading import history_request
from workerhost.runtime.executions.history.step import Step, shortened_step
from workerhost.runtime.executions.lookup import describe
from workerhost.runtime.executions.stuck.finder import may_be_stuck
from workerhost.runtime.executions.watching.viewer import StepChange, Viewer
from workerhost.words import ExecutionStatus, RunId, StepKind, WorkflowId

log = logging.getLogger(__name__)

LONG_POLL_TIMEOUT = timedelta(seconds=70)
"""How long one question for new events may take. Temporal's server answers after 20 s, where there are none."""

FIRST_LOOK_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
"""How often a run with activities is described after something happened, twice as long each time: no event says that an
activity has begun or is tried again."""

FIRST_LOOK_WITHOUT_ACTIVITIES_SECONDS = 2.0
"""The same where it has none, but a workflow task, which may wait for a worker or fail again and again."""

IDLE_PAUSE_SECONDS = 20.0
"""How often a run is described that waits as its code says: events tell all that comes then, but for an end that the
server forgets to tell of, and a description is a request to Temporal."""

_TASK_WAITS: Mapping[int, bool] = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED: True,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: True,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT: True,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: False,
}
"""Whether a workflow task is pending after an event."""

Look = Callable[[Client, Project, WorkflowExecutionDescription], Awaitable[Execution]]
"""Returns the execution of a description, with its outcome and with what keeps it."""


@dataclass(eq=False)
class RunWatch:
    """Follows one run. Belongs to one task on the loop of Temporal's connection.

    Args:
        client: on that loop.
        project: whose run it is.
        described: the run, as it is at the beginning.
        look: returns the execution of a description.
    """

    client: Client
    project: Project
    described: WorkflowExecutionDescription
    look: Look

    def __post_init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._folding = StepFolding(self.client.data_converter)
        self._changes: dict[str, StepChange] = {}
        self._open_activities: set[str] = set()
        self._task_waits = True
        self._told: Execution | None = None
        self._poll: asyncio.Future[GetWorkflowExecutionHistoryResponse] | None = None
        self._request = history_request(self.client, self._workflow_id, self._run_id)
        self._last_event = 0
        self._known_events = self.described.history_length
        self._is_over = False

    @property
    def _workflow_id(self) -> WorkflowId:
        return WorkflowId(self.described.id)

    @property
    def _run_id(self) -> RunId:
        return RunId(self.described.run_id or "")

    @property
    def is_watched(self) -> bool:
        """Whether anyone is left who looks."""
        self._viewers = {each for each in self._viewers if not each.is_gone}
        return bool(self._viewers)

    @property
    def has_caught_up(self) -> bool:
        """Whether all events were taken that there were when the watch began."""
        return self._last_event >= self._known_events

    def add(self, viewer: Viewer) -> None:
        """Have another one watch, who is told first what has happened so far."""
        self._viewers.add(viewer)
        viewer.tell(self._changes if self.has_caught_up else {}, self._told)

    def end(self) -> None:
        """Have all watchers go."""
        for viewer in self._viewers:
            viewer.end()

    async def follow(self) -> None:
        """Tell the viewers what happens, until the run has ended or is gone, or nobody looks any more."""
        pause = FIRST_LOOK_SECONDS
        try:
            while self.is_watched and not self._is_over:
                has_happened = await self._go_on(pause)
                pause = self._first_pause() if has_happened else min(2 * pause, self._longest_pause())
        finally:
            self._stop_waiting()

    def _first_pause(self) -> float:
        if self._open_activities:
            return FIRST_LOOK_SECONDS
        return FIRST_LOOK_WITHOUT_ACTIVITIES_SECONDS if self._task_waits else IDLE_PAUSE_SECONDS

    def _longest_pause(self) -> float:
        return LONGEST_PAUSE_SECONDS if self._open_activities or self._task_waits else IDLE_PAUSE_SECONDS

    async def _go_on(self, pause: float) -> bool:
        """Take what happens, and return whether anything did; wait so many seconds where it does not."""
        try:
            self._begin_to_wait()
            if self._told is None and self.described.status == WorkflowExecutionStatus.RUNNING:
                await self._tell_execution()  # of a run that has ended, the end is told last: watchers go at it
            return await self._hear(pause)
        except (RPCError, WorkerhostError) as error:
            is_gone = isinstance(error, NotFoundError)
            self._is_over = is_gone or (isinstance(error, RPCError) and error.status == RPCStatusCode.NOT_FOUND)
            log.debug("run %s cannot be followed: %s", self._run_id, error)
        await asyncio.sleep(pause)
        return False

    async def _hear(self, seconds: float) -> bool:
        """Take the events that come in that time, or look at what no event says."""
        poll = self._begin_to_wait()
        done, _ = await asyncio.wait({poll}, timeout=seconds)
        if not done:
            await self._look_again(is_quiet=seconds >= LONGEST_PAUSE_SECONDS)
            return False
        self._poll = None
        page, before = poll.result(), self._last_event
        self._request.next_page_token = page.next_page_token
        await self._take(page.history.events)
        if not page.next_page_token:
            await self._look_for_end(seconds)
        elif self._open_activities:
            await self._look_again(is_quiet=False)
        return self._last_event > before

    async def _look_for_end(self, seconds: float) -> None:
        """Tell of the end of the run; wait that long where it is paused: Temporal lets nobody wait for its events."""
        self.described = await self._describe()
        await self._tell_execution()
        self._is_over = self.described.status != WorkflowExecutionStatus.RUNNING
        if not self._is_over:
            await asyncio.sleep(min(seconds, LONGEST_PAUSE_SECONDS))

    def _begin_to_wait(self) -> "asyncio.Future[GetWorkflowExecutionHistoryResponse]":
        """Have Temporal asked for the events that follow, unless it is asked already."""
        if self._poll is None:
            self._poll = asyncio.ensure_future(self._ask())
        return self._poll

    async def _ask(self) -> GetWorkflowExecutionHistoryResponse:
        """Return the events that follow, after waiting for them where the run may still go on."""
        self._request.wait_new_event = self.described.status == WorkflowExecutionStatus.RUNNING
        return await self.client.workflow_service.get_workflow_execution_history(
            self._request, timeout=LONG_POLL_TIMEOUT
        )

    async def _take(self, events: Sequence[HistoryEvent]) -> None:
        had_caught_up = self.has_caught_up
        changed: dict[str, StepChange] = {}
        for event in events:
            if event.event_id > self._last_event:
                self._last_event = event.event_id
                self._task_waits = _TASK_WAITS.get(event.event_type, self._task_waits)
                changed |= self._note(await self._folding.take(event))
        if self.has_caught_up:
            self._tell(changed if had_caught_up else self._changes)

    async def _look_again(self, *, is_quiet: bool) -> None:
        """Describe the run, for what no event says.

        Args:
            is_quiet: whether nothing has happened for a while, so that it is asked what keeps the run.
        """
        self.described = await self._describe()
        self._tell(self._note(await self._folding.take_pending(self.described.raw_description.pending_activities)))
        if self.described.status != WorkflowExecutionStatus.RUNNING:
            # The server forgets at times to tell of an end, so all is read without waiting. Its token belongs to a
            # question that waits; what was taken already is passed over.
            self._stop_waiting()
            self._request.next_page_token = b""
        elif is_quiet and (may_be_stuck(self.described) or (self._told and self._told.stuck)):
            await self._tell_execution()

    def _stop_waiting(self) -> None:
        poll, self._poll = self._poll, None
        if poll is not None and not poll.cancel() and not poll.cancelled():
            poll.exception()  # has been said by another question, or does not matter any more

    async def _describe(self) -> WorkflowExecutionDescription:
        return await describe(self.client, self.project, self._workflow_id, self._run_id)

    def _note(self, steps: Sequence[Step]) -> dict[str, StepChange]:
        changed = {step.id: StepChange(self._last_event, shortened_step(step)) for step in steps}
        self._changes |= changed
        for step in steps:
            if step.kind == StepKind.ACTIVITY and not step.status.is_end:
                self._open_activities.add(step.id)
            else:
                self._open_activities.discard(step.id)
        return changed

    async def _tell_execution(self) -> None:
        found = await self.look(self.client, self.project, self.described)
        told, self._told = self._told, found
        if told is None or _state(told) != _state(found):
            self._tell({}, found)

    def _tell(self, changed: Mapping[str, StepChange], execution: Execution | None = None) -> None:
        if (changed and self.has_caught_up) or execution is not None:
            for viewer in self._viewers:
                viewer.tell(changed, execution)


def _state(execution: Execution) -> tuple[ExecutionStatus, str | None]:
    """Return what of an execution is told again where it changes."""
    return execution.status, execution.stuck.reason if execution.stuck else None
