"""Queries about what projects have used, by day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, RowMapping, Table, delete, func, select
from sqlalchemy.orm import Session

from workerhost.store.database import Database
from workerhost.store.models import ProjectUsageRow
from workerhost.store.owned_rows import OwnedRows

ALL_HOSTS = ""
"""Stands where the id of a host does, in a row that is the sum of several."""


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """What a project has used."""

    executions: int = 0
    """Runs that began, those that continue others included."""
    actions: int = 0
    activity_seconds: float = 0.0
    """How long attempts of activities took, waiting included."""
    cpu_seconds: float = 0.0
    """How long processes of the project ran on processors."""
    history_bytes: int = 0
    """Of the histories of the runs that ended."""
    publishes: int = 0
    """Those that were accepted."""

    def __add__(self, other: "UsageFigures") -> "UsageFigures":
        return UsageFigures(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "UsageFigures") -> "UsageFigures":
        return UsageFigures(*(one - two for one, two in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one host saw a project use on one day."""

    project_id: str
    day: date
    """In UTC."""
    host_id: str
    """Names who writes; another one after each start."""
    figures: UsageFigures


_TABLE = cast("Table", ProjectUsageRow.__table__)
_FIGURES = tuple(each.name for each in fields(UsageFigures))
_SUMS: tuple[ColumnElement[Any], ...] = tuple(func.sum(_TABLE.c[each]).label(each) for each in _FIGURES)


class UsageStore:
    """Usage by project and day. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = OwnedRows(ProjectUsageRow, outlive_projects=True)
        self._sums = OwnedRows(ProjectUsageRow, outlive_projects=True, add=True)

    def save(self, rows: Sequence[UsageRow]) -> None:
        """Write what hosts have seen of days, in one statement; it replaces what the same host wrote of a day before.

        Args:
            rows: with whole figures of their day, and not what has come since the last write.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        values = [_values(row) for row in rows]
        if values:
            self._database.write(lambda session: self._rows.write(session, values))

    def days(self, project_id: str, first: date, last: date) -> list[tuple[date, UsageFigures]]:
        """Return what a project used on each day from `first` to `last`, both included; days without usage are left
        out, and a project that was deleted has its usage still.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        query = (
            select(_TABLE.c.day, *_SUMS)
            .where(_TABLE.c.project_id == project_id, _TABLE.c.day.between(first, last))
            .group_by(_TABLE.c.day)
            .order_by(_TABLE.c.day)
        )
        with self._database.reading() as session:
            return [(row["day"], _figures(row)) for row in session.execute(query).mappings()]

    def totals(self, first: date, last: date, after: str, limit: int) -> list[tuple[str, UsageFigures]]:
        """Return what each project used from day `first` to day `last`, by project id.

        Args:
            first: included.
            last: included.
            after: a project id; those behind it come.
            limit: how many at most.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        query = (
            select(_TABLE.c.project_id, *_SUMS)
            .where(_TABLE.c.day.between(first, last), _TABLE.c.project_id > after)
            .group_by(_TABLE.c.project_id)
            .order_by(_TABLE.c.project_id)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [(row["project_id"], _figures(row)) for row in session.execute(query).mappings()]

    def merge(self, before: date, limit: int = 1000) -> int:
        """Make one row of those that several hosts wrote of a project and a day; return how many were made so.

        Args:
            before: days before this one, whose figures nobody writes any more.
            limit: how many are made at most; fewer where none are left.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        several = (
            select(_TABLE.c.day, _TABLE.c.project_id)
            .where(_TABLE.c.day < before)
            .group_by(_TABLE.c.day, _TABLE.c.project_id)
            .having(func.count() > 1)
            .order_by(_TABLE.c.day)
            .limit(limit)
        )
        with self._database.reading() as session:
            found = session.execute(several).all()
        by_day: defaultdict[date, list[str]] = defaultdict(list)
        for day, project_id in found:
            by_day[day].append(project_id)
        for day, project_ids in by_day.items():
            self._merge(day, project_ids)
        return len(found)

    def _merge(self, day: date, project_ids: Sequence[str]) -> None:
        gone = delete(_TABLE).where(_TABLE.c.day == day, _TABLE.c.project_id.in_(project_ids)).returning(_TABLE)

        def merge(session: Session) -> None:
            sums: defaultdict[str, UsageFigures] = defaultdict(UsageFigures)
            # Of two hosts that do so at once the second one waits here, and finds nothing to delete any more.
            for row in session.execute(gone).mappings():
                sums[row["project_id"]] += _figures(row)
            rows = [UsageRow(project_id, day, ALL_HOSTS, figures) for project_id, figures in sums.items()]
            self._sums.write(session, [_values(row) for row in rows])

        self._database.write(merge)

    def forget(self, before: date) -> None:
        """Delete the usage of days before that one.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._database.write(lambda session: session.execute(delete(_TABLE).where(_TABLE.c.day < before)))


def _values(row: UsageRow) -> dict[str, Any]:
    key = {"project_id": row.project_id, "day": row.day, "host_id": row.host_id}
    return key | dict(zip(_FIGURES, astuple(row.figures), strict=True))


def _figures(row: RowMapping | Mapping[str, Any]) -> UsageFigures:
    # PostgreSQL's sums of whole numbers are decimals.
    return UsageFigures(
        executions=int(row["executions"]),
        actions=int(row["actions"]),
        activity_seconds=float(row["activity_seconds"]),
        cpu_seconds=float(row["cpu_seconds"]),
        history_bytes=int(row["history_bytes"]),
        publishes=int(row["publishes"]),
    )
