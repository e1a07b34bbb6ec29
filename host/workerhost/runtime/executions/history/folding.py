"""Making steps of the events of a history, and of what is pending."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.failure.v1 import Failure as FailureMessage
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.converter import DataConverter

from workerhost.runtime.executions.history.beginnings import Beginnings, moment
from workerhost.runtime.executions.history.failure import Failure, failure_of_run
from workerhost.runtime.executions.history.step import Step
from workerhost.runtime.executions.history.values import decode, read_failure
from workerhost.words import RunId, StepKind, StepStatus

_ENDS: Mapping[str, StepStatus] = {
    "activity_task_completed": StepStatus.COMPLETED,
    "activity_task_failed": StepStatus.FAILED,
    "activity_task_timed_out": StepStatus.TIMED_OUT,
    "activity_task_canceled": StepStatus.CANCELED,
    "timer_fired": StepStatus.COMPLETED,
    "timer_canceled": StepStatus.CANCELED,
    "start_child_workflow_execution_failed": StepStatus.FAILED,
    "child_workflow_execution_completed": StepStatus.COMPLETED,
    "child_workflow_execution_failed": StepStatus.FAILED,
    "child_workflow_execution_canceled": StepStatus.CANCELED,
    "child_workflow_execution_timed_out": StepStatus.TIMED_OUT,
    "child_workflow_execution_terminated": StepStatus.FAILED,
    "signal_external_workflow_execution_failed": StepStatus.FAILED,
    "external_workflow_execution_signaled": StepStatus.COMPLETED,
    "workflow_execution_update_completed": StepStatus.COMPLETED,
}
"""What becomes of a step with the events that end it."""

_REASONS = {
    "start_child_workflow_execution_failed": ("an execution with its workflow id exists already", "NotStarted"),
    "child_workflow_execution_timed_out": ("the child workflow did not end in time", "Timeout"),
    "child_workflow_execution_terminated": ("the child workflow was terminated", "Terminated"),
    "signal_external_workflow_execution_failed": ("the execution that it is sent to does not run", "NotFound"),
}
"""What is said of a step that failed where Temporal keeps no failure of it, and of which type that is."""

_RUN_ENDS = {
    f"workflow_execution_{end}_event_attributes"
    for end in ("completed", "failed", "timed_out", "canceled", "terminated", "continued_as_new")
}
"""The events after which nothing more comes of what the run has begun itself."""

_CHANGING = {
    EventType.Value(f"EVENT_TYPE_{name.removesuffix('_event_attributes').upper()}")
    for name in (*_ENDS, *_RUN_ENDS, "activity_task_started", "child_workflow_execution_started")
}
"""The types of the events that change a step which has begun before."""

_BEGINNINGS = ("accepted_event_id", "initiated_event_id", "scheduled_event_id", "started_event_id")
"""Where an event names the one with which its step began. One of a child has the second and the last."""


class StepFolding:
    """The steps of a run, as far as its events were taken. Belongs to one task on the loop of Temporal's connection.

    Args:
        converter: reads the values.
        after: steps that began with this event, or before it, are left out.
        most: steps, of which the first ones are taken.
    """

    def __init__(self, converter: DataConverter, *, after: int = 0, most: int | None = None) -> None:
        self.steps: dict[int, Step] = {}
        """By the number of the event with which they began, in that order."""
        self._converter = converter
        self._beginnings = Beginnings(converter)
        self._activities: dict[str, int] = {}
        self._pending: set[int] = set()
        self._after = after
        self._most = most

    async def take(self, event: HistoryEvent) -> list[Step]:
        """Take the next event, and return the steps that it begins or changes."""
        takes_more = event.event_id > self._after and (self._most is None or len(self.steps) < self._most)
        if not takes_more and event.event_type not in _CHANGING:
            return []  # the long rest of a history is passed over for what ends its first steps
        if takes_more and (begun := await self._beginnings.step(event)) is not None:
            if begun.kind == StepKind.ACTIVITY:
                self._activities[event.activity_task_scheduled_event_attributes.activity_id] = event.event_id
            return self._put(event.event_id, begun)
        attributes = event.WhichOneof("attributes") or ""
        if attributes in _RUN_ENDS:
            return self._end(moment(event.event_time))
        said: Any = getattr(event, attributes) if attributes else event
        number = next((getattr(said, name) for name in _BEGINNINGS if name in said.DESCRIPTOR.fields_by_name), 0)
        if number not in self.steps:
            return []
        name = attributes.removesuffix("_event_attributes")
        return self._put(number, await self._changed(self.steps[number], name, said, moment(event.event_time)))

    async def take_pending(self, activities: Sequence[PendingActivityInfo]) -> list[Step]:
        """Take what no event says of activities that have not ended, and return the steps that it changes."""
        changed: list[Step] = []
        for each in activities:
            number = self._activities.get(each.activity_id)
            if number is not None and not self.steps[number].status.is_end:
                self._pending.add(number)
                changed += self._put(number, await self._as_pending(self.steps[number], each))
        return changed

    def is_pending(self, number: int) -> bool:
        """Whether a step is known to be an activity that has not ended."""
        return number in self._pending

    def _put(self, number: int, step: Step) -> list[Step]:
        if step.failure is not None and step.failure.node != step.node:
            step = replace(step, failure=replace(step.failure, node=step.node))
        if self.steps.get(number) == step:
            return []
        self.steps[number] = step
        return [step]

    def _end(self, at: datetime) -> list[Step]:
        """End what ends with the run; children have an end of their own."""
        changed = []
        for number, step in self.steps.items():
            if not step.status.is_end and step.kind != StepKind.CHILD_WORKFLOW:
                changed += self._put(
                    number, replace(step, status=StepStatus.CANCELED, closed_at=at, next_attempt_at=None)
                )
        return changed

    async def _changed(self, step: Step, name: str, said: Any, at: datetime) -> Step:
        if name == "activity_task_started":
            failed = said.attempt - 1
            failure = await self._failure(said.last_failure, attempt=failed) if said.HasField("last_failure") else None
            return replace(step, status=StepStatus.RUNNING, attempt=said.attempt, started_at=at, failure=failure)
        if name == "child_workflow_execution_started":
            run_id = RunId(said.workflow_execution.run_id)
            return replace(step, status=StepStatus.RUNNING, started_at=at, run_id=run_id)
        if name not in _ENDS:
            return step
        outcome = said.outcome if name == "workflow_execution_update_completed" else said
        failure, results = await self._outcome(name, outcome, step)
        status = StepStatus.FAILED if failure is not None and _ENDS[name] == StepStatus.COMPLETED else _ENDS[name]
        result = results[0] if results else None
        failure = failure or step.failure  # of the try before, if there was one
        return replace(step, status=status, closed_at=at, next_attempt_at=None, result=result, failure=failure)

    async def _outcome(self, name: str, outcome: Any, step: Step) -> tuple[Failure | None, list[Any]]:
        fields = outcome.DESCRIPTOR.fields_by_name
        if "failure" in fields and outcome.HasField("failure"):
            attempt = step.attempt if step.kind == StepKind.ACTIVITY else None
            is_own = not name.startswith("child_")
            return await self._failure(outcome.failure, is_own=is_own, attempt=attempt), []
        payloads = getattr(outcome, "success" if "success" in fields else "result", None)
        results = await decode(self._converter, payloads.payloads) if payloads is not None else []
        if name in _REASONS:
            message, kind = _REASONS[name]
            return Failure(message, kind, non_retryable=False), results
        return None, results

    async def _as_pending(self, step: Step, found: PendingActivityInfo) -> Step:
        is_begun = found.state != PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        waits = StepStatus.RETRYING if found.attempt > 1 else StepStatus.SCHEDULED
        failed = found.attempt - 1
        return replace(
            step,
            status=StepStatus.RUNNING if is_begun else waits,
            attempt=found.attempt if is_begun else max(1, failed),
            started_at=moment(found.last_started_time) if found.HasField("last_started_time") else None,
            next_attempt_at=moment(found.scheduled_time) if waits == StepStatus.RETRYING and not is_begun else None,
            failure=await self._failure(found.last_failure, attempt=failed) if found.HasField("last_failure") else None,
        )

    async def _failure(self, message: FailureMessage, *, is_own: bool = True, attempt: int | None = None) -> Failure:
        failure = failure_of_run(await read_failure(self._converter, message), is_own=is_own)
        return replace(failure, attempt=attempt)
