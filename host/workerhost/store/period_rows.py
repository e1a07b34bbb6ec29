"""One table of figures by period: written by hosts, read by project and time, rolled up from hours to days."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from workerhost.store.models import Base
from workerhost.store.owned_rows import OwnedRows
from workerhost.words import Period

F = TypeVar("F")

_KEPT_BY_ALL = ""
"""Stands as host in rows that are rolled up."""


class PeriodRows(Generic[F]):
    """The rows of one table. Safe to use from any thread; each call is within the caller's transaction.

    Args:
        model: the class of the table.
        figures: the class of a row's value, whose fields are named as the columns are.
    """

    def __init__(self, model: type[Base], figures: Callable[..., F]) -> None:
        self._table = Base.metadata.tables[model.__tablename__]
        self._figures = figures
        self._keys = [column.name for column in self._table.primary_key]
        self._key = tuple_(*self._table.primary_key)
        self._added = [
            column.name
            for column in self._table.columns
            if column.name not in self._keys and column.name not in ("sketch", "last_at")
        ]
        self.owned = OwnedRows(model)

    def read(self, session: Session, after: datetime, before: datetime, project_id: str | None) -> list[F]:
        """Return the rows whose period begins at `after` or later, and before `before`, oldest first."""
        starts = self._table.c.period_start
        query = select(self._table).where(starts >= after, starts < before).order_by(*self._table.primary_key)
        if project_id is not None:
            query = query.where(self._table.c.project_id == project_id)
        else:
            query = query.where(self._table.c.period.in_(list(Period)))  # for the index, which begins with it
        return [self._value(row) for row in session.execute(query).mappings()]

    def roll_up(self, session: Session, before: datetime, merge: Callable[[Sequence[bytes]], bytes], limit: int) -> int:
        """Merge hours before `before` into their days, and return how many rows those were."""
        if not _is_alone(session, self._table.name):
            return 0
        of_hours = select(self._table).where(
            self._table.c.period == Period.HOUR, self._table.c.period_start < before.astimezone(UTC)
        )
        # In the order of the key, so that rows of one day come together.
        hours = session.execute(of_hours.order_by(*self._table.primary_key).limit(limit).with_for_update()).mappings()
        merged: dict[tuple[Any, ...], list[Mapping[Any, Any]]] = {}
        done = []
        for row in hours:
            done.append(tuple(row[name] for name in self._keys))
            merged.setdefault(self._day_of(row), []).append(row)
        if not done:
            return 0
        for row in session.execute(select(self._table).where(self._key.in_(list(merged)))).mappings():
            merged[tuple(row[name] for name in self._keys)].append(row)
        session.execute(delete(self._table).where(self._key.in_(done)))
        self.owned.write(session, [self._sum(key, rows, merge) for key, rows in merged.items()])
        return len(done)

    def drop(self, session: Session, period: Period, before: datetime, limit: int) -> int:
        """Delete rows of a period that began before `before`, and return how many those were."""
        old = select(*self._table.primary_key).where(
            self._table.c.period == period, self._table.c.period_start < before
        )
        found: Any = session.execute(delete(self._table).where(self._key.in_(old.limit(limit))))
        return int(found.rowcount)

    def _day_of(self, row: Mapping[Any, Any]) -> tuple[Any, ...]:
        day = row["period_start"].replace(hour=0, minute=0, second=0, microsecond=0)
        of_day = {**row, "period": Period.DAY, "period_start": day, "host_id": _KEPT_BY_ALL}
        return tuple(of_day[name] for name in self._keys)

    def _sum(
        self, key: tuple[Any, ...], rows: Sequence[Mapping[Any, Any]], merge: Callable[[Sequence[bytes]], bytes]
    ) -> dict[str, Any]:
        return {
            **dict(zip(self._keys, key, strict=True)),
            **{name: sum(row[name] for row in rows) for name in self._added},
            "sketch": merge([row["sketch"] for row in rows]),
            "last_at": max(row["last_at"] for row in rows),
        }

    def _value(self, row: Mapping[Any, Any]) -> F:
        return self._figures(**{**row, "period": Period(row["period"])})


def _is_alone(session: Session, name: str) -> bool:
    """Tell whether no other host rolls the table up; SQLite lets only one write anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(f"workerhost roll-up {name}")))))
