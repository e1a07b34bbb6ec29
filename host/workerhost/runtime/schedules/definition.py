"""What a schedule starts, and when; and what has come of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workerhost.words import ExecutionStatus, RunId, ScheduleOverlap, WorkflowId


@dataclass(frozen=True)
class ScheduleDefinition:
    """What a schedule starts, and when. The times are those of `cron`, `interval_seconds` and `calendar` together."""

    workflow_type: str
    args: Sequence[Any] = ()
    cron: Sequence[str] = ()
    """Cron texts, as `check_cron` takes them."""
    interval_seconds: int | None = None
    """It starts every so many seconds, counted from 1970 on."""
    calendar: Sequence[Mapping[str, Any]] = ()
    """Calendars, with the keys of `FIELDS` and values as `read_value` takes them, and `comment`."""
    time_zone: str | None = None
    """Name of the time zone of `cron` and `calendar`; None for UTC, or the one that a cron text names."""
    overlap: ScheduleOverlap = ScheduleOverlap.SKIP
    jitter_seconds: float = 0
    """Each start is late by a part of this, by chance."""
    catch_up_seconds: float | None = None
    """How late it may start what Temporal has missed because it was away; None for a year."""
    paused: bool = False
    note: str | None = None


@dataclass(frozen=True)
class ScheduledRun:
    """A run that a schedule has started."""

    scheduled_at: datetime
    started_at: datetime
    workflow_id: WorkflowId
    run_id: RunId
    status: ExecutionStatus | None
    """As far as the schedule has seen; None where it does not watch the run, as one that may overlap with others."""


@dataclass(frozen=True)
class FoundSchedule:
    """A schedule as Temporal describes it."""

    name: str
    definition: ScheduleDefinition
    next_runs: Sequence[datetime]
    """At most ten, the soonest first; also of one that is paused, which starts none of them."""
    recent_runs: Sequence[ScheduledRun]
    """At most ten, the latest first."""


@dataclass(frozen=True)
class Backfill:
    """A time that a schedule is to go through again."""

    begin: datetime
    end: datetime
    """Both are included."""
    overlap: ScheduleOverlap
