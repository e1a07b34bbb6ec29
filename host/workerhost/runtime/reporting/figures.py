"""Figures that add up: counts, an average, percentiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store.statistics_sums import FiguresOfMany


class Counted(StrEnum):
    """What is counted."""

    ACTIVITIES = "activities"
    """Attempts of activities that ended."""
    RUNS = "runs"
    """Runs whose last workflow task was done."""


class StatisticsBy(StrEnum):
    """What figures are told apart by."""

    HOUR = "hour"
    DAY = "day"
    ACTIVITY = "activity"
    WORKFLOW_TYPE = "workflowType"
    BUILD = "build"


@dataclass(frozen=True)
class Figures:
    """How executions ended, and how long they took."""

    executions: int
    """All that ended, also those that were cancelled or continued as new."""
    successes: int
    failures: int
    timeouts: int
    cancellations: int
    retries: int
    """Those of the executions that were no first attempt."""
    average_ms: float | None
    """None where there were none, as with those that follow."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    last: datetime | None
    """When the last one ended."""


@dataclass(frozen=True)
class Group:
    """Those of one hour, day, activity, workflow type or build."""

    value: str
    figures: Figures


@dataclass(frozen=True)
class Attention:
    """Something that deserves a look, and why."""

    what: str
    reason: str
    project_id: str


@dataclass(frozen=True)
class StatisticsFound:
    """What there is to say of a time."""

    after: datetime
    before: datetime
    counted: Counted
    total: Figures
    groups: Sequence[Group]
    percentiles_of: float
    """The share of the executions, 0 to 1, that the percentiles are of; the busiest come first."""
    attention: Sequence[Attention]


class FiguresSum:
    """Adds figures up. Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self.executions = self.successes = self.failures = self.timeouts = self.cancellations = self.retries = 0
        self.total_duration_ms = 0
        self.last: datetime | None = None
        self.sketch: DurationSketch | None = None

    @property
    def average_ms(self) -> float | None:
        """How long one took, None where there were none."""
        return self.total_duration_ms / self.executions if self.executions else None

    def add(self, other: FiguresOfMany) -> None:
        """Add the counts of others."""
        self.executions += other.executions
        self.successes += other.successes
        self.failures += other.failures
        self.timeouts += other.timeouts
        self.cancellations += other.cancellations
        self.retries += other.retries
        self.total_duration_ms += other.total_duration_ms
        self.last = max(self.last or other.last_at, other.last_at)

    def add_sketch(self, sketch: DurationSketch) -> None:
        """Add how long others took."""
        if self.sketch is None:
            self.sketch = DurationSketch()
        self.sketch.merge(sketch)

    def figures(self) -> Figures:
        """Return the sum."""
        shares = (0.5, 0.95, 0.99)
        p50, p95, p99 = (self.sketch.quantile(share) if self.sketch else None for share in shares)
        return Figures(
            executions=self.executions,
            successes=self.successes,
            failures=self.failures,
            timeouts=self.timeouts,
            cancellations=self.cancellations,
            retries=self.retries,
            average_ms=self.average_ms,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            last=self.last,
        )
