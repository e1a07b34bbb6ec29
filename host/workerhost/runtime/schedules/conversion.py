"""From definitions of schedules to Temporal's schedules, and back.

Temporal makes calendars of cron texts, and does not keep the texts. So what was asked for is kept as it was, as JSON in
a header of the runs that the schedule starts. It names the project as well, which other schedules of the namespace that
happen to have such an id do not.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.schedule.v1 import ScheduleActionResult
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)

from workerhost.model import Project
from workerhost.runtime.executions.history.values import decode, shortened
from workerhost.runtime.schedules.definition import FoundSchedule, ScheduleDefinition, ScheduledRun
from workerhost.runtime.schedules.fields import DAY_OF_WEEK, FIELDS, Span, TimeField, read_value
from workerhost.words import ExecutionStatus, RunId, ScheduleOverlap, WorkflowId

HEADER = "workerhost-schedule"
"""Name of the header of the runs that says whose schedule has started them, and how that was asked for."""

SEPARATOR = "."
"""Stands between the id of a project and the name of a schedule. Neither holds it."""

_ARGUMENTS: Mapping[str, str] = {"dayOfMonth": "day_of_month", "dayOfWeek": "day_of_week"}
"""What the SDK calls a field, where that is not its key."""

_SUNDAY = 7
"""Another number of the day 0, in texts alone."""

OVERLAPS: Mapping[ScheduleOverlap, ScheduleOverlapPolicy] = {
    ScheduleOverlap.SKIP: ScheduleOverlapPolicy.SKIP,
    ScheduleOverlap.BUFFER_ONE: ScheduleOverlapPolicy.BUFFER_ONE,
    ScheduleOverlap.BUFFER_ALL: ScheduleOverlapPolicy.BUFFER_ALL,
    ScheduleOverlap.CANCEL_OTHER: ScheduleOverlapPolicy.CANCEL_OTHER,
    ScheduleOverlap.TERMINATE_OTHER: ScheduleOverlapPolicy.TERMINATE_OTHER,
    ScheduleOverlap.ALLOW_ALL: ScheduleOverlapPolicy.ALLOW_ALL,
}
_STATUSES: Mapping[str, ExecutionStatus] = {status.value: status for status in ExecutionStatus}
_WORDS = {policy: word for word, policy in OVERLAPS.items()}


CATCH_UP = timedelta(days=365)
"""How late Temporal's server starts what it has missed, where nobody says: its default, which is then shown, too."""


def schedule_id(project: Project, name: str = "") -> str:
    """Return the id that Temporal has for a schedule of the project; how all of them begin where there is no name."""
    return f"{project.id}{SEPARATOR}{name}"


def schedule_of(project: Project, name: str, wanted: ScheduleDefinition) -> Schedule:
    """Return the schedule for Temporal, whose runs are called after it and the time of their start."""
    action = ScheduleActionStartWorkflow(
        wanted.workflow_type, args=list(wanted.args), id=schedule_id(project, name), task_queue=project.task_queue
    )
    action.headers = {HEADER: _header(project, wanted)}
    interval, catch_up = wanted.interval_seconds, wanted.catch_up_seconds
    return Schedule(
        action=action,
        spec=ScheduleSpec(
            cron_expressions=list(wanted.cron),
            intervals=[ScheduleIntervalSpec(timedelta(seconds=interval))] if interval else [],
            calendars=[calendar_spec(each) for each in wanted.calendar],
            jitter=timedelta(seconds=wanted.jitter_seconds) or None,
            time_zone_name=wanted.time_zone,
        ),
        policy=SchedulePolicy(
            overlap=OVERLAPS[wanted.overlap],
            catchup_window=CATCH_UP if catch_up is None else timedelta(seconds=catch_up),
        ),
        state=ScheduleState(note=wanted.note, paused=wanted.paused),
    )


def calendar_spec(calendar: Mapping[str, Any]) -> ScheduleCalendarSpec:
    """Return a calendar for Temporal; what it does not name is midnight, of every day.

    Raises:
        FieldError: a value is none that its field takes.
    """
    made = ScheduleCalendarSpec(comment=calendar.get("comment"))
    for key, field in FIELDS.items():
        if (value := calendar.get(key)) is not None:
            spans = _from_sunday(field, read_value(value, field))
            setattr(made, _ARGUMENTS.get(key, key), [ScheduleRange(*span) for span in spans])
    return made


def belongs(project: Project, described: ScheduleDescription) -> bool:
    """Tell whether a schedule whose id is one of the project's is the project's, and not another client's."""
    action = described.schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return False
    return _kept(action).get("project") == project.id or action.task_queue == project.task_queue


async def found_schedule(project: Project, described: ScheduleDescription, *, is_listed: bool) -> FoundSchedule:
    """Return a schedule that belongs to the project.

    Args:
        project: whose it is.
        described: what Temporal says of it.
        is_listed: whether it is one of many, so that long arguments are cut.
    """
    schedule, info = described.schedule, described.info
    action = schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)  # noqa: S101  it belongs to a project
    kept = _kept(action)
    args = await decode(described.data_converter, action.args)
    catch_up = schedule.policy.catchup_window
    definition = ScheduleDefinition(
        workflow_type=action.workflow,
        args=[shortened(each) for each in args] if is_listed else args,
        cron=kept.get("cron", ()),
        interval_seconds=kept.get("intervalSeconds"),
        calendar=kept.get("calendar", ()),
        time_zone=schedule.spec.time_zone_name,
        overlap=_WORDS.get(schedule.policy.overlap, ScheduleOverlap.SKIP),
        jitter_seconds=schedule.spec.jitter.total_seconds() if schedule.spec.jitter else 0,
        catch_up_seconds=catch_up.total_seconds() if catch_up is not None else None,
        paused=schedule.state.paused,
        note=schedule.state.note,
    )
    running = {each.run_id for each in described.raw_description.info.running_workflows}
    runs = [_run(each, running) for each in described.raw_description.info.recent_actions]
    name = described.id.removeprefix(schedule_id(project))
    return FoundSchedule(name, definition, info.next_action_times, sorted(runs, key=_started_at, reverse=True))


def as_timestamp(moment: datetime) -> Timestamp:
    """Return a point in time for Temporal's messages."""
    made = Timestamp()
    made.FromDatetime(moment.astimezone(UTC))
    return made


def _header(project: Project, wanted: ScheduleDefinition) -> Payload:
    kept = {
        "project": project.id,
        "cron": list(wanted.cron),
        "intervalSeconds": wanted.interval_seconds,
        "calendar": list(wanted.calendar),
    }
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(kept).encode())


def _kept(action: ScheduleActionStartWorkflow) -> Mapping[str, Any]:
    """Return what the header holds; nothing where another client has made the schedule."""
    payload = (action.headers or {}).get(HEADER)
    return {} if payload is None else dict(json.loads(payload.data))


def _from_sunday(field: TimeField, spans: list[Span]) -> list[Span]:
    """Return the spans with 0 for Sunday, which calendars of Temporal have for it."""
    if field is not DAY_OF_WEEK or all(span.last < _SUNDAY for span in spans):
        return spans
    days = sorted({day % _SUNDAY for span in spans for day in range(span.first, span.last + 1, span.step)})
    return [Span(day, day) for day in days]


def _run(result: ScheduleActionResult, running: Collection[str]) -> ScheduledRun:
    """Return a run that a schedule has started.

    A schedule does not watch runs that may overlap: of these Temporal says for ever that they run, which is left out.

    Args:
        result: what the schedule knows of it.
        running: the ids of the runs that the schedule watches.
    """
    name = WorkflowExecutionStatus.Name(result.start_workflow_status).removeprefix("WORKFLOW_EXECUTION_STATUS_")
    status = _STATUSES.get(name)
    run_id = RunId(result.start_workflow_result.run_id)
    return ScheduledRun(
        scheduled_at=result.schedule_time.ToDatetime(UTC),
        started_at=result.actual_time.ToDatetime(UTC),
        workflow_id=WorkflowId(result.start_workflow_result.workflow_id),
        run_id=run_id,
        status=None if status == ExecutionStatus.RUNNING and run_id not in running else status,
    )


def _started_at(run: ScheduledRun) -> datetime:
    return run.started_at
