"""Schedules as people read them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from workerhost.answers import CalendarInfo, ScheduledRunInfo, ScheduleInfo
from workerhost.cli.output import as_text, between, colored, cut, duration
from workerhost.service_log.text import on_one_line

HEAD = ("SCHEDULE", "TYPE", "STATE", "WHEN", "NEXT RUN", "LAST RUN")
RUNS_HEAD = ("LAST RUNS", "STARTED", "WORKFLOW ID", "STATUS")

WHEN_WIDTH = 60
LONGEST_VALUE = 2000
"""Characters of an argument or a calendar that are shown; `--json` shows all that the API does."""
NO_ZONE = "UTC"


def schedule_rows(schedules: Sequence[ScheduleInfo]) -> list[tuple[object, ...]]:
    """Return the cells of a table of schedules, below `HEAD`."""
    return [
        (
            each.name,
            each.workflow_type,
            _state(each),
            cut("; ".join(_when(each)) + _in_zone(each), WHEN_WIDTH),
            None if each.paused or not each.next_runs else each.next_runs[0],
            each.recent_runs[0].started_at if each.recent_runs else None,
        )
        for each in schedules
    ]


def schedule_fields(schedule: ScheduleInfo) -> list[tuple[str, object]]:
    """Return what a schedule starts, and when, by names."""
    first, *others = _when(schedule) or [""]
    return [
        ("Schedule", schedule.name),
        ("Type", schedule.workflow_type),
        ("Input", ", ".join(as_text(value, LONGEST_VALUE) for value in schedule.args)),
        ("State", _state(schedule)),
        ("Note", on_one_line(schedule.note or "")),
        ("When", first),
        *(("and", each) for each in others),
        ("Time zone", schedule.time_zone),
        ("Overlap", schedule.overlap),
        ("Jitter", _duration(schedule.jitter_seconds) if schedule.jitter_seconds else None),
        ("Catch-up", _duration(schedule.catch_up_seconds) if schedule.catch_up_seconds else None),
    ]


def next_run_rows(schedule: ScheduleInfo, now: datetime) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """Return head and cells of a table of the next runs: in UTC, in the schedule's zone where it is known here, and how
    long it is until then.
    """
    zone = _zone(schedule.time_zone)
    local = (schedule.time_zone,) if zone else ()
    rows = [
        (each, *((f"{each.astimezone(zone):%a %Y-%m-%d %H:%M:%S}",) if zone else ()), _until(each, now))
        for each in schedule.next_runs
    ]
    return ("NEXT RUNS", *local, "IN"), rows


def recent_run_rows(runs: Sequence[ScheduledRunInfo]) -> list[tuple[object, ...]]:
    """Return the cells of a table of the last runs, below `RUNS_HEAD`."""
    return [
        (each.scheduled_at, each.started_at, each.workflow_id, colored(each.status) if each.status else None)
        for each in runs
    ]


def next_sentence(project: str, schedule: ScheduleInfo, now: datetime) -> str:
    """Return a sentence that says what a schedule does next."""
    name = f"Schedule {schedule.name} of project {project}"
    if schedule.paused:
        return f"{name} is paused, and starts nothing until it is resumed"
    if not schedule.next_runs:
        return f"{name} has no time to come, and starts nothing by itself"
    soonest = schedule.next_runs[0]
    at = f"{soonest.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    return f"{name} starts {schedule.workflow_type} at {at}, in {_until(soonest, now)}"


def _when(schedule: ScheduleInfo) -> list[str]:
    every = [f"every {_duration(schedule.interval_seconds)}"] if schedule.interval_seconds else []
    return [*(on_one_line(each) for each in schedule.cron), *every, *(_calendar(each) for each in schedule.calendar)]


def _calendar(calendar: CalendarInfo) -> str:
    return as_text(calendar.model_dump(by_alias=True, exclude_none=True, mode="json"), LONGEST_VALUE)


def _in_zone(schedule: ScheduleInfo) -> str:
    return "" if schedule.time_zone == NO_ZONE else f" ({schedule.time_zone})"


def _state(schedule: ScheduleInfo) -> str:
    return colored("paused" if schedule.paused else "active")


def _duration(seconds: float) -> str:
    return duration(seconds).replace(".0 s", " s")


def _until(time: datetime, now: datetime) -> str:
    return between(now, max(now, time)) or ""


def _zone(name: str) -> ZoneInfo | None:
    """Return a zone by its name, None for UTC, and where this machine does not know it."""
    try:
        return None if name == NO_ZONE else ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None
