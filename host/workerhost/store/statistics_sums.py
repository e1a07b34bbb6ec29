"""Sums over the figures of all projects, which the database makes, since there may be very many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, func, literal, or_, select

from workerhost.store.database import Database
from workerhost.store.models import ActivityStatisticsRow, WorkflowStatisticsRow
from workerhost.words import Period

ACTIVITIES, RUNS = "activities", "runs"
"""What can be summed up."""

COUNTS = (
    "executions",
    "successes",
    "failures",
    "timeouts",
    "cancellations",
    "retries",
    "total_duration_ms",
)


@dataclass(frozen=True, slots=True)
class FiguresOfMany:
    """Sums of what belongs together by its key."""

    key: tuple[str, ...]
    executions: int
    successes: int
    failures: int
    timeouts: int
    cancellations: int
    retries: int
    total_duration_ms: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class StoredSketch:
    """How long executions took that belong together by their key."""

    key: tuple[str, ...]
    executions: int
    sketch: bytes


@dataclass(frozen=True, slots=True)
class PeriodSum:
    """Sums of all that ended in one period."""

    period: Period
    start: datetime
    figures: FiguresOfMany


@dataclass(frozen=True, slots=True)
class Notable:
    """What makes sums notable."""

    fewest: int
    """Executions, for a share to mean something."""
    failing_share: float
    """Of executions: more failures and timeouts are notable."""
    fewest_slow: int
    """Executions, for an average to mean something."""
    slow_ms: int
    """More than this on average is notable."""


_TABLES = {
    ACTIVITIES: cast("Table", ActivityStatisticsRow.__table__),
    RUNS: cast("Table", WorkflowStatisticsRow.__table__),
}
_NAMES = {ACTIVITIES: "activity_name", RUNS: "workflow_type"}


class StatisticsSums:
    """Sums by period, or by what is executed. Safe to use from any thread; every call may block.

    A period counts as a whole where a part of it is between `after` and `before`. Every call raises
    `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_period(self, counted: str, after: datetime, before: datetime) -> list[PeriodSum]:
        """Return the sums of each hour and each day, by time.

        Args:
            counted: `activities` or `runs`.
            after: what ends after this time counts.
            before: what begins before this time counts.
        """
        table = _TABLES[counted]
        keys = (table.c.period, table.c.period_start)
        query = _summed(table, keys, after, before).order_by(table.c.period_start)
        with self._database.reading() as session:
            return [
                PeriodSum(Period(row["period"]), row["period_start"], _figures(row, ()))
                for row in session.execute(query).mappings()
            ]

    def by_column(self, counted: str, column: str, after: datetime, before: datetime, most: int) -> list[FiguresOfMany]:
        """Return the sums of each value of a column, those with most executions first.

        Args:
            counted: `activities` or `runs`.
            column: `activity_name`, `workflow_type` or `build_id`.
            after: what ends after this time counts.
            before: what begins before this time counts.
            most: how many values at most.
        """
        table = _TABLES[counted]
        query = _summed(table, (table.c[column],), after, before)
        query = query.order_by(func.sum(table.c.executions).desc(), table.c[column]).limit(most)
        with self._database.reading() as session:
            return [_figures(row, (column,)) for row in session.execute(query).mappings()]

    def notable(
        self, counted: str, after: datetime, before: datetime, notable: Notable, most: int
    ) -> list[FiguresOfMany]:
        """Return the sums by project and name of what fails, is slow or is retried too often; most failures first."""
        table = _TABLES[counted]
        sums = {each: func.sum(table.c[each]) for each in COUNTS}
        failed = sums["failures"] + sums["timeouts"]
        is_many = sums["executions"] >= notable.fewest
        query = _summed(table, (table.c.project_id, table.c[_NAMES[counted]]), after, before).having(
            or_(
                and_(is_many, failed > notable.failing_share * sums["executions"]),
                and_(is_many, 2 * sums["retries"] > sums["executions"]),
                and_(
                    sums["executions"] >= notable.fewest_slow,
                    sums["total_duration_ms"] > notable.slow_ms * sums["executions"],
                ),
            )
        )
        query = query.order_by(failed.desc(), table.c.project_id, table.c[_NAMES[counted]]).limit(most)
        with self._database.reading() as session:
            rows = session.execute(query).mappings()
            return [_figures(row, ("project_id", _NAMES[counted])) for row in rows]

    def sketches(
        self, counted: str, columns: Sequence[str], after: datetime, before: datetime, most: int
    ) -> list[StoredSketch]:
        """Return the sketches of the busiest, with the values of those columns as their keys.

        Args:
            counted: `activities` or `runs`.
            columns: of the table; `period_start` is a key as ISO 8601 says it.
            after: what ends after this time counts.
            before: what begins before this time counts.
            most: how many at most.
        """
        table = _TABLES[counted]
        query = (
            select(*(table.c[each] for each in columns), table.c.executions, table.c.sketch)
            .where(_is_within(table, after, before))
            .order_by(table.c.executions.desc())
            .limit(most)
        )
        with self._database.reading() as session:
            return [
                StoredSketch(tuple(_text(row[each]) for each in columns), row["executions"], row["sketch"])
                for row in session.execute(query).mappings()
            ]


def _summed(
    table: Table, keys: Sequence[ColumnElement[Any]], after: datetime, before: datetime
) -> Select[tuple[Any, ...]]:
    sums = [func.sum(table.c[each]).label(each) for each in COUNTS]
    last = func.max(table.c.last_at).label("last_at")
    return select(*keys, *sums, last).where(_is_within(table, after, before)).group_by(*keys)


def _is_within(table: Table, after: datetime, before: datetime) -> ColumnElement[bool]:
    starts, lengths = table.c.period_start, {Period.HOUR: timedelta(hours=1), Period.DAY: timedelta(days=1)}
    return or_(
        *(
            and_(table.c.period == literal(period), starts > after - length, starts < before)
            for period, length in lengths.items()
        )
    )


def _figures(row: RowMapping, columns: Sequence[str]) -> FiguresOfMany:
    counts = {each: int(row[each]) for each in COUNTS}  # PostgreSQL's sums are decimals
    return FiguresOfMany(key=tuple(str(row[each]) for each in columns), last_at=row["last_at"], **counts)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
