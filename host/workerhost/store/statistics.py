"""Queries about how often code of projects ran, how it ended, and how long it took."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from workerhost.observed import EndCounts, Period
from workerhost.store.clock import ago
from workerhost.store.database import Database
from workerhost.store.models import ActivityStatisticsRow, Base, HostRow, WorkerTotalsRow, WorkflowStatisticsRow
from workerhost.store.owned_rows import OwnedRows
from workerhost.store.period_rows import Merge, PeriodRows
from workerhost.words import BuildId, HostId

_TOTALS_TABLE = Base.metadata.tables[WorkerTotalsRow.__tablename__]
_TOTALS = select(_TOTALS_TABLE).where(
    _TOTALS_TABLE.c.project_id == bindparam("project"), _TOTALS_TABLE.c.host_id == bindparam("host")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeriodFigures(EndCounts):
    """What ended in one period, as one host saw it, or all of them."""

    project_id: str
    period: Period
    period_start: datetime
    host_id: str
    """Who wrote it; empty after the roll-up."""
    sketch: bytes
    """Of the durations in milliseconds."""
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFigures(_PeriodFigures):
    """How the attempts of an activity ended in one period."""

    activity_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFigures(_PeriodFigures):
    """How the runs of a workflow type ended with one build in one period."""

    workflow_type: str
    build_id: BuildId
    continuations: int
    """Runs that continued as new."""
    history_bytes: int


@dataclass(frozen=True, slots=True)
class WorkerTotals:
    """What has ended of a project on a host since that host began, or the project last stopped there."""

    project_id: str
    host_id: HostId
    runs: int
    failed_runs: int
    activities: int
    failed_activities: int
    last_at: datetime


class StatisticsStore:
    """Figures by period. Safe to use from any thread; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._activities = PeriodRows(ActivityStatisticsRow)
        self._workflows = PeriodRows(WorkflowStatisticsRow)
        self._totals = OwnedRows(WorkerTotalsRow)

    def write(
        self,
        activities: Iterable[ActivityFigures],
        workflows: Iterable[WorkflowFigures],
        totals: Iterable[WorkerTotals] = (),
    ) -> None:
        """Write figures in one transaction, with one statement for each kind that there is any of.

        Each replaces what the same host wrote of the same period before. Figures of projects that are not there any
        more are left out.
        """
        rows = [asdict(each) for each in activities], [asdict(each) for each in workflows]
        total_rows = [asdict(each) for each in totals]

        def write(session: Session) -> None:
            self._activities.owned.write(session, rows[0])
            self._workflows.owned.write(session, rows[1])
            self._totals.write(session, total_rows)

        if any(rows) or total_rows:
            self._database.write(write)

    def totals(self, project_id: str, host_id: HostId) -> WorkerTotals | None:
        """Return what has ended of a project on a host, or None where nothing has."""
        with self._database.reading() as session:
            row = session.execute(_TOTALS, {"project": project_id, "host": host_id}).mappings().first()
            return WorkerTotals(**row) if row else None

    def roll_up(self, before: datetime, merge: Merge, most_names: int, limit: int = 500) -> int:
        """Merge hours into their days, and return how many rows that were; fewer than `limit` where none are left.

        Several hosts may do this at once: on PostgreSQL one of them does it, and the others get 0.

        Args:
            before: the beginning of a day; only hours before it are merged. None of them may be written any more.
            merge: makes one sketch of several.
            most_names: how many names of a project and day get rows of their own; the rest is counted under `OTHERS`.
            limit: how many rows of each table are merged in this transaction.
        """

        def roll_up(session: Session) -> int:
            parts = self._activities, self._workflows
            return max(part.roll_up(session, before, merge, most_names, limit) for part in parts)

        return self._database.write(roll_up)

    def drop(self, period: Period, before: datetime, limit: int = 5000) -> int:
        """Delete what is of a period that began before `before`; return how many rows of a table that were at most.

        Args:
            period: hours or days.
            before: whatever began earlier goes.
            limit: how many rows of each table go in this transaction.
        """

        def drop(session: Session) -> int:
            return max(part.drop(session, period, before, limit) for part in (self._activities, self._workflows))

        return self._database.write(drop)

    def forget_totals(self, days: float) -> None:
        """Delete the totals of hosts that are gone, of projects that did nothing there for that many days."""
        old = delete(WorkerTotalsRow).where(
            WorkerTotalsRow.last_at < ago(86400 * days), WorkerTotalsRow.host_id.not_in(select(HostRow.id))
        )
        self._database.write(lambda session: session.execute(old))
