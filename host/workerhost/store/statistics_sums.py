"""Sums over the figures of a project or of all, which the database makes, since there may be very many rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, func, literal, or_, select, tuple_

from workerhost.observed import END_COUNTS, EndCounts, Period
from workerhost.store.database import Database
from workerhost.store.models import ActivityStatisticsRow, BuildRow, ProjectRow, WorkflowStatisticsRow

ACTIVITIES, RUNS = "activities", "runs"
"""What can be summed up."""

LENGTHS = {Period.HOUR: timedelta(hours=1), Period.DAY: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Within:
    """Which rows are looked at. A period counts as a whole where a part of it is between the two times."""

    after: datetime
    before: datetime
    project_id: str | None = None
    """Whose; None for all."""
    ends_before: bool = False
    """Whether a period must have ended before `before`, so that it is in no time that begins there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresOfMany(EndCounts):
    """Sums of what belongs together by its key."""

    key: tuple[str, ...]
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


@dataclass(frozen=True, slots=True)
class DefinedNames:
    """What the current build of a project has."""

    project_id: str
    activities: Sequence[str]
    runs: Sequence[str]
    """Types of workflows."""


_TABLES = {
    ACTIVITIES: cast("Table", ActivityStatisticsRow.__table__),
    RUNS: cast("Table", WorkflowStatisticsRow.__table__),
}
_NAMES = {ACTIVITIES: "activity_name", RUNS: "workflow_type"}


class StatisticsSums:
    """Sums by period, or by what is executed. Safe to use from any thread; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer. `counted` is always `activities` or
    `runs`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_period(self, counted: str, within: Within) -> list[PeriodSum]:
        """Return the sums of each hour and each day, by time."""
        table = _TABLES[counted]
        keys = (table.c.period, table.c.period_start)
        query = _summed(table, keys, within).order_by(table.c.period_start)
        return [PeriodSum(Period(row["period"]), row["period_start"], _figures(row, ())) for row in self._rows(query)]

    def by_column(self, counted: str, column: str, within: Within, most: int) -> list[FiguresOfMany]:
        """Return the sums of each value of a column, those with most executions first.

        Args:
            counted: what is summed up.
            column: `activity_name`, `workflow_type` or `build_id`.
            within: which rows.
            most: how many values at most.
        """
        table = _TABLES[counted]
        query = _summed(table, (table.c[column],), within)
        query = query.order_by(func.sum(table.c.executions).desc(), table.c[column]).limit(most)
        return [_figures(row, (column,)) for row in self._rows(query)]

    def notable(self, counted: str, within: Within, notable: Notable, most: int) -> list[FiguresOfMany]:
        """Return the sums by project and name of what fails, is slow or is retried too often; most failures first."""
        table = _TABLES[counted]
        sums = {each: func.sum(table.c[each]) for each in END_COUNTS}
        failed = sums["failures"] + sums["timeouts"]
        is_many = sums["executions"] >= notable.fewest
        query = _by_name(counted, within).having(
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
        return self._named(counted, query)

    def longest(self, counted: str, within: Within, most: int) -> list[FiguresOfMany]:
        """Return the sums by project and name of what took the most time altogether, longest first."""
        table = _TABLES[counted]
        order = func.sum(table.c.total_duration_ms).desc(), table.c.project_id, table.c[_NAMES[counted]]
        return self._named(counted, _by_name(counted, within).order_by(*order).limit(most))

    def named(self, counted: str, within: Within, keys: Sequence[tuple[str, ...]]) -> list[FiguresOfMany]:
        """Return the sums by project and name of those keys that there is any of, in no order."""
        table = _TABLES[counted]
        key = tuple_(table.c.project_id, table.c[_NAMES[counted]])
        return self._named(counted, _by_name(counted, within).where(key.in_(keys)))

    def sketches(self, counted: str, columns: Sequence[str], within: Within, most: int) -> list[StoredSketch]:
        """Return the sketches of the busiest, with the values of those columns as their keys.

        Args:
            counted: what is looked at.
            columns: of the table; `period_start` is a key as ISO 8601 says it.
            within: which rows.
            most: how many at most.
        """
        table = _TABLES[counted]
        query = (
            select(*(table.c[each] for each in columns), table.c.executions, table.c.sketch)
            .where(_is_within(table, within))
            .order_by(table.c.executions.desc())
            .limit(most)
        )
        return [
            StoredSketch(tuple(_text(row[each]) for each in columns), row["executions"], row["sketch"])
            for row in self._rows(query)
        ]

    def defined(self, project_id: str | None, after: str, most: int) -> list[DefinedNames]:
        """Return what current builds have, by project id.

        Args:
            project_id: whose; None for all.
            after: a project id; those behind it come.
            most: how many at most.
        """
        query = (
            select(BuildRow.project_id, BuildRow.activity_names, BuildRow.workflow_types)
            .join(ProjectRow, and_(ProjectRow.id == BuildRow.project_id, ProjectRow.current_build == BuildRow.id))
            .where(BuildRow.project_id > after)
            .order_by(BuildRow.project_id)
            .limit(most)
        )
        if project_id is not None:
            query = query.where(BuildRow.project_id == project_id)
        with self._database.reading() as session:
            return [DefinedNames(*row) for row in session.execute(query)]

    def used(self, counted: str, within: Within, first: str, last: str) -> dict[str, set[str]]:
        """Return the names of what was executed by project, of the projects from id `first` to id `last`."""
        table = _TABLES[counted]
        keys = (table.c.project_id, table.c[_NAMES[counted]])
        query = select(*keys).where(_is_within(table, within), table.c.project_id.between(first, last)).distinct()
        names: defaultdict[str, set[str]] = defaultdict(set)
        with self._database.reading() as session:
            for project_id, name in session.execute(query):
                names[project_id].add(name)
        return dict(names)

    def _named(self, counted: str, query: Select[Any]) -> list[FiguresOfMany]:
        return [_figures(row, ("project_id", _NAMES[counted])) for row in self._rows(query)]

    def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        with self._database.reading() as session:
            return session.execute(query).mappings().all()


def _summed(table: Table, keys: Sequence[ColumnElement[Any]], within: Within) -> Select[tuple[Any, ...]]:
    sums = [func.sum(table.c[each]).label(each) for each in END_COUNTS]
    last = func.max(table.c.last_at).label("last_at")
    return select(*keys, *sums, last).where(_is_within(table, within)).group_by(*keys)


def _by_name(counted: str, within: Within) -> Select[tuple[Any, ...]]:
    table = _TABLES[counted]
    return _summed(table, (table.c.project_id, table.c[_NAMES[counted]]), within)


def _is_within(table: Table, within: Within) -> ColumnElement[bool]:
    starts = table.c.period_start
    times = or_(
        *(
            and_(
                table.c.period == literal(period),
                starts > within.after - length,
                starts <= within.before - length if within.ends_before else starts < within.before,
            )
            for period, length in LENGTHS.items()
        )
    )
    return times if within.project_id is None else and_(table.c.project_id == within.project_id, times)


def _figures(row: RowMapping, columns: Sequence[str]) -> FiguresOfMany:
    counts = {each: int(row[each]) for each in END_COUNTS}  # PostgreSQL's sums are decimals
    return FiguresOfMany(key=tuple(str(row[each]) for each in columns), last_at=row["last_at"], **counts)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
