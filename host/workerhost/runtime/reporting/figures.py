"""Figures that add up: counts, an average, percentiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workerhost.observed import EndCounts
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

    counts: EndCounts
    p50_ms: float | None
    """None where there were none, as with those that follow."""
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
        self.counts = EndCounts()
        self._last: datetime | None = None
        self._sketch = DurationSketch()

    def add(self, other: FiguresOfMany) -> None:
        """Add the counts of others."""
        self.counts = self.counts.plus(other)
        self._last = max(self._last or other.last_at, other.last_at)

    def add_sketch(self, sketch: DurationSketch) -> None:
        """Add how long others took."""
        self._sketch.merge(sketch)

    def figures(self) -> Figures:
        """Return the sum."""
        p50, p95, p99 = (self._sketch.quantile(share) for share in (0.5, 0.95, 0.99))
        return Figures(self.counts, p50, p95, p99, self._last)
