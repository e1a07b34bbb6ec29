"""Answers about schedules."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import ExecutionStatus, RunId, ScheduleOverlap, WorkflowId


class CalendarInfo(Answer):
    """Times by their parts, as they were given: numbers, texts, ranges or lists of these."""

    second: Any = None
    minute: Any = None
    hour: Any = None
    day_of_month: Any = None
    month: Any = None
    year: Any = None
    day_of_week: Any = None
    comment: str | None = None


class ScheduledRunInfo(Answer):
    """A run that a schedule has started."""

    scheduled_at: Time
    """The time of the schedule that it was started for."""
    started_at: Time
    workflow_id: WorkflowId
    run_id: RunId
    """Of its first run, where it has continued as new."""
    status: OrText[ExecutionStatus] | None = None
    """As far as the schedule has seen, a moment late; None where it is not known, as of runs that may overlap."""


class ScheduleInfo(Answer):
    """What a schedule starts, and when; and what has come of it."""

    name: str
    workflow_type: str
    args: tuple[Any, ...]
    """Of each run. A long one is cut in lists."""
    cron: tuple[str, ...]
    interval_seconds: int | None
    calendar: tuple[CalendarInfo, ...]
    time_zone: str
    overlap: OrText[ScheduleOverlap]
    jitter_seconds: float
    catch_up_seconds: float | None
    paused: bool
    note: str | None
    next_runs: tuple[Time, ...]
    """The next times, ten at most, the soonest first; one that is paused starts nothing at them."""
    recent_runs: tuple[ScheduledRunInfo, ...]
    """The last runs, ten at most, the latest first."""
    workflow: str | None = None
    """The drawn workflow that it belongs to; None where a user made it."""


class SchedulePage(Answer):
    """Some schedules by name, and where the next page begins."""

    schedules: tuple[ScheduleInfo, ...]
    cursor: str | None = None
    """None on the last page."""
