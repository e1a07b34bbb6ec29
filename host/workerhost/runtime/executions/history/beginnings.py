"""The events of a history with which steps begin."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio import exceptions
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from workerhost.runtime.executions.history.failure import failure_of_run
from workerhost.runtime.executions.history.step import Step
from workerhost.runtime.executions.history.values import decode, read_failure, read_summary
from workerhost.words import StepKind, StepStatus, WorkflowId

LOCAL_ACTIVITY = "core_local_activity"
"""The name of the marker that the SDK's core writes for a local activity when it has ended."""


class Beginnings:
    """Makes steps of the events with which they begin. Used on the loop of Temporal's connection.

    Args:
        converter: reads the values.
    """

    def __init__(self, converter: DataConverter) -> None:
        self._converter = converter
        self._makers: dict[str, Callable[[HistoryEvent], Any]] = {
            "activity_task_scheduled_event_attributes": self._activity,
            "timer_started_event_attributes": self._timer,
            "start_child_workflow_execution_initiated_event_attributes": self._child,
            "signal_external_workflow_execution_initiated_event_attributes": self._sent_signal,
            "workflow_execution_signaled_event_attributes": self._signal,
            "workflow_execution_update_accepted_event_attributes": self._update,
            "marker_recorded_event_attributes": self._marker,
        }

    async def step(self, event: HistoryEvent) -> Step | None:
        """Return the step that an event begins; None where it begins none."""
        make = self._makers.get(event.WhichOneof("attributes") or "")
        if make is None:
            return None
        made: Step | None = await make(event)
        return made

    async def _activity(self, event: HistoryEvent) -> Step:
        said = event.activity_task_scheduled_event_attributes
        return Step(
            **await self._common(event),
            kind=StepKind.ACTIVITY,
            name=said.activity_type.name,
            status=StepStatus.SCHEDULED,
            own_id=None
            if said.activity_id.isdecimal()
            else said.activity_id,  # the SDK counts where the code names none
            input=await decode(self._converter, said.input.payloads),
        )

    async def _timer(self, event: HistoryEvent) -> Step:
        duration = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        return Step(
            **await self._common(event),
            kind=StepKind.TIMER,
            name="timer",
            status=StepStatus.RUNNING,
            input=[duration / timedelta(milliseconds=1)],
            started_at=moment(event.event_time),
        )

    async def _child(self, event: HistoryEvent) -> Step:
        said = event.start_child_workflow_execution_initiated_event_attributes
        return Step(
            **await self._common(event),
            kind=StepKind.CHILD_WORKFLOW,
            name=said.workflow_type.name,
            status=StepStatus.SCHEDULED,
            input=await decode(self._converter, said.input.payloads),
            workflow_id=WorkflowId(said.workflow_id),
        )

    async def _sent_signal(self, event: HistoryEvent) -> Step:
        said = event.signal_external_workflow_execution_initiated_event_attributes
        return Step(
            **await self._common(event),
            kind=StepKind.SIGNAL,
            name=said.signal_name,
            status=StepStatus.RUNNING,
            input=await decode(self._converter, said.input.payloads),
            started_at=moment(event.event_time),
            workflow_id=WorkflowId(said.workflow_execution.workflow_id),
        )

    async def _signal(self, event: HistoryEvent) -> Step:
        said, at = event.workflow_execution_signaled_event_attributes, moment(event.event_time)
        return Step(
            **await self._common(event),
            kind=StepKind.SIGNAL,
            name=said.signal_name,
            status=StepStatus.COMPLETED,
            input=await decode(self._converter, said.input.payloads),
            started_at=at,
            closed_at=at,
        )

    async def _update(self, event: HistoryEvent) -> Step:
        asked = event.workflow_execution_update_accepted_event_attributes.accepted_request
        return Step(
            **await self._common(event),
            kind=StepKind.UPDATE,
            name=asked.input.name,
            status=StepStatus.RUNNING,
            input=await decode(self._converter, asked.input.args.payloads),
            started_at=moment(event.event_time),
        )

    async def _marker(self, event: HistoryEvent) -> Step | None:
        said = event.marker_recorded_event_attributes
        if said.marker_name != LOCAL_ACTIVITY:
            return None
        [data] = await decode(self._converter, said.details["data"].payloads[:1]) or [{}]
        results = await decode(self._converter, said.details["result"].payloads[:1]) if "result" in said.details else []
        error = await read_failure(self._converter, said.failure) if said.HasField("failure") else None
        known = data if isinstance(data, dict) else {}
        attempt = int(known.get("attempt", 1))
        at = moment(event.event_time)
        return Step(
            **await self._common(event),
            kind=StepKind.LOCAL_ACTIVITY,
            name=str(known.get("activity_type", "")),
            status=_status(error),
            attempt=attempt,
            result=results[0] if results else None,
            failure=replace(failure_of_run(error), attempt=attempt) if error else None,
            started_at=at,
            closed_at=at,
        )

    async def _common(self, event: HistoryEvent) -> dict[str, Any]:
        return {
            "id": str(event.event_id),
            "scheduled_at": moment(event.event_time),
            "summary": await read_summary(self._converter, event.user_metadata.summary),
        }


def _status(error: BaseException | None) -> StepStatus:
    """Return how something ended that ended with that error, or without one."""
    while isinstance(error, exceptions.ActivityError):
        error = error.__cause__
    if error is None:
        return StepStatus.COMPLETED
    if isinstance(error, exceptions.CancelledError):
        return StepStatus.CANCELED
    return StepStatus.TIMED_OUT if isinstance(error, exceptions.TimeoutError) else StepStatus.FAILED


def moment(timestamp: Timestamp) -> datetime:
    """Return a time of Temporal's."""
    return timestamp.ToDatetime(UTC)
