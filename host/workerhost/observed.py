"""What is seen of projects while their code runs, as values: ends of activities and runs, and lines of logs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum

from workerhost.words import BuildId


class Outcome(StrEnum):
    """How an activity or a run ended, for those who count."""

    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timedOut"
    CANCELED = "canceled"
    CONTINUED_AS_NEW = "continuedAsNew"
    """Of runs alone: another run goes on."""


class Period(StrEnum):
    """How long a time the figures of one row are of; each begins with a full one, in UTC."""

    HOUR = "hour"
    DAY = "day"


OTHERS = "(others)"
"""The name under which the rest is counted, of a project that has more names than are told apart."""


class LogLevel(StrEnum):
    """How severe a line of a project's log is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


SEVERITIES: Mapping[LogLevel, int] = {
    LogLevel.DEBUG: 10,
    LogLevel.INFO: 20,
    LogLevel.WARNING: 30,
    LogLevel.ERROR: 40,
}
"""Numbers of the levels, as Python's logging and the database have them: a higher one is more severe."""


@dataclass(frozen=True, slots=True)
class ActivityEnd:
    """One attempt of an activity, as the host saw it end."""

    project_id: str
    activity: str
    workflow_type: str
    """Of the run that asked for it; empty where none did."""
    build_id: BuildId | None
    outcome: Outcome
    seconds: float
    attempt: int
    """From 1; a higher one is a retry."""
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run whose last workflow task was done here. Runs that the server ends, by a timeout or as they were told, have
    none.
    """

    project_id: str
    workflow_type: str
    build_id: BuildId
    outcome: Outcome
    seconds: float
    """Since the start of the run."""
    attempt: int
    history_bytes: int
    """Of its history, without what the end adds."""
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCounts:
    """How attempts of activities, or runs, ended, and how long they took together."""

    executions: int = 0
    """All that ended: the sum of the next four, and of the runs that continued as new."""
    successes: int = 0
    failures: int = 0
    timeouts: int = 0
    cancellations: int = 0
    retries: int = 0
    """Those of the executions that were no first attempt."""
    total_duration_ms: int = 0

    @property
    def average_ms(self) -> float | None:
        """How long one took; None where there were none."""
        return self.total_duration_ms / self.executions if self.executions else None

    def plus(self, other: "EndCounts") -> "EndCounts":
        """Return the counts of both together, without what a more special kind has beside them."""
        return EndCounts(**{each: getattr(self, each) + getattr(other, each) for each in END_COUNTS})


END_COUNTS = tuple(each.name for each in fields(EndCounts))
"""The names of what is counted."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log of a project: what its code logged or printed, or what its host says of the code."""

    at: datetime
    project_id: str
    level: LogLevel
    message: str
    workflow_id: str | None = None
    run_id: str | None = None
    workflow_type: str | None = None
    build_id: BuildId | None = None
    activity: str | None = None
    attempt: int | None = None
    node: str | None = None
    """The node of the drawing, where the code comes from one."""
    logger: str | None = None
    """The logger's name; None for what was printed."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """What the code has added, as JSON values."""
