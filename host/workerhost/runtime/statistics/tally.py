"""Counts of one key: an activity, or a workflow type and build, of a project in one hour."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from workerhost.observed import Outcome, Period
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store import ActivityFigures, WorkflowFigures
from workerhost.words import BuildId, HostId

HOUR = timedelta(hours=1)

_NEVER = datetime.min.replace(tzinfo=UTC)


class TallyKey(NamedTuple):
    """What is counted together."""

    project_id: str
    name: str
    """Of the activity, or the workflow type."""
    build_id: str | None
    """Of a run's build; None for activities."""
    hour: datetime
    """When it began, in UTC, by the host's clock."""


@dataclass(slots=True)
class EndTally:
    """What was counted so far. Whoever uses it holds the lock of the recorder."""

    key: TallyKey
    part: int
    """Told apart from what was counted under the same key, written and dropped before."""
    by_outcome: dict[Outcome, int] = field(default_factory=dict)
    retries: int = 0
    total_ms: float = 0
    history_bytes: int = 0
    last_at: datetime = _NEVER
    is_changed: bool = False
    """Whether it was not written since it was last counted."""
    sketch: DurationSketch = field(default_factory=DurationSketch)

    def count(self, outcome: Outcome, seconds: float, attempt: int, ended_at: datetime) -> None:
        """Count one end."""
        milliseconds = max(seconds, 0) * 1000
        self.by_outcome[outcome] = self.by_outcome.get(outcome, 0) + 1
        self.retries += attempt > 1
        self.total_ms += milliseconds
        self.last_at = max(self.last_at, ended_at)
        self.sketch.add(milliseconds)

    def activity_figures(self, host_id: HostId) -> ActivityFigures:
        """Return the row of an activity."""
        return ActivityFigures(activity_name=self.key.name, **self._figures(host_id))

    def workflow_figures(self, host_id: HostId) -> WorkflowFigures:
        """Return the row of a workflow type and build."""
        return WorkflowFigures(
            workflow_type=self.key.name,
            build_id=BuildId(self.key.build_id or ""),
            continuations=self._ended(Outcome.CONTINUED_AS_NEW),
            history_bytes=self.history_bytes,
            **self._figures(host_id),
        )

    def _figures(self, host_id: HostId) -> dict[str, Any]:
        """Return what the rows of both have."""
        return {
            "project_id": self.key.project_id,
            "period": Period.HOUR,
            "period_start": self.key.hour,
            "host_id": f"{host_id}.{self.part}" if self.part else host_id,
            "executions": sum(self.by_outcome.values()),
            "successes": self._ended(Outcome.COMPLETED),
            "failures": self._ended(Outcome.FAILED),
            "timeouts": self._ended(Outcome.TIMED_OUT),
            "cancellations": self._ended(Outcome.CANCELED),
            "retries": self.retries,
            "total_duration_ms": round(self.total_ms),
            "sketch": self.sketch.to_bytes(),
            "last_at": self.last_at,
        }

    def _ended(self, outcome: Outcome) -> int:
        return self.by_outcome.get(outcome, 0)


def hour_of(at: datetime) -> datetime:
    """Return when the hour of a point in time began, in UTC."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)  # which takes a microsecond
    return utc.replace(minute=0, second=0, microsecond=0)
