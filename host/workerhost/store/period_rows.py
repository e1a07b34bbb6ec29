"""One table of figures by period: written by hosts, and rolled up from hours to days."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from workerhost.observed import OTHERS, Period
from workerhost.store.models import Base
from workerhost.store.owned_rows import OwnedRows

Merge = Callable[[Sequence[bytes]], bytes]
"""Makes one sketch of several."""

_NamesOfDays = defaultdict[tuple[str, datetime], set[tuple[str, ...]]]

_KEPT_BY_ALL = ""
"""Stands as host in rows that are rolled up."""

_NO_NAMES = ("project_id", "period", "period_start", "host_id")
"""Columns of the key that do not say what is counted."""


class PeriodRows:
    """The rows of one table. Safe to use from any thread; each call is within the caller's transaction.

    Args:
        model: the class of the table.
    """

    def __init__(self, model: type[Base]) -> None:
        self._table = Base.metadata.tables[model.__tablename__]
        self._keys = [column.name for column in self._table.primary_key]
        self._key = tuple_(*self._table.primary_key)
        self._names = [name for name in self._keys if name not in _NO_NAMES]
        self._added = [
            column.name
            for column in self._table.columns
            if column.name not in self._keys and column.name not in ("sketch", "last_at")
        ]
        self.owned = OwnedRows(model)

    def roll_up(self, session: Session, before: datetime, merge: Merge, most_names: int, limit: int) -> int:
        """Merge hours before `before` into their days, and return how many rows those were."""
        if not _is_alone(session, self._table.name):
            return 0
        of_hours = select(self._table).where(
            self._table.c.period == Period.HOUR, self._table.c.period_start < before.astimezone(UTC)
        )
        # In the order of the key, so that rows of one day come together.
        query = of_hours.order_by(*self._table.primary_key).limit(limit).with_for_update()
        hours = session.execute(query).mappings().all()
        if not hours:
            return 0
        names = self._names_of_days(session, {(row["project_id"], _day(row)) for row in hours})
        merged: dict[tuple[Any, ...], list[Mapping[Any, Any]]] = {}
        for row in hours:
            merged.setdefault(self._day_of(row, names[row["project_id"], _day(row)], most_names), []).append(row)
        for row in session.execute(select(self._table).where(self._key.in_(list(merged)))).mappings():
            merged[tuple(row[name] for name in self._keys)].append(row)
        done = [tuple(row[name] for name in self._keys) for row in hours]
        session.execute(delete(self._table).where(self._key.in_(done)))
        self.owned.write(session, [self._sum(key, rows, merge) for key, rows in merged.items()])
        return len(hours)

    def drop(self, session: Session, period: Period, before: datetime, limit: int) -> int:
        """Delete rows of a period that began before `before`, and return how many those were."""
        old = select(*self._table.primary_key).where(
            self._table.c.period == period, self._table.c.period_start < before
        )
        found: Any = session.execute(delete(self._table).where(self._key.in_(old.limit(limit))))
        return int(found.rowcount)

    def _names_of_days(self, session: Session, days: set[tuple[str, datetime]]) -> _NamesOfDays:
        """Return what has a row of its own already, by project and day."""
        key = self._table.c.project_id, self._table.c.period_start
        query = select(*key, *(self._table.c[name] for name in self._names)).where(
            self._table.c.period == Period.DAY, tuple_(*key).in_(sorted(days))
        )
        names: _NamesOfDays = defaultdict(set)
        for project_id, day, *name in session.execute(query):
            names[project_id, day].add(tuple(name))
        return names

    def _day_of(self, row: Mapping[Any, Any], names: set[tuple[str, ...]], most: int) -> tuple[Any, ...]:
        """Return the key of the row of the day; `names` has those of its project and day, and gets that of this row."""
        name = tuple(row[each] for each in self._names)
        if name not in names and len(names) >= most:
            name = (OTHERS, *([""] * (len(name) - 1)))
        names.add(name)
        of_day = {**row, **dict(zip(self._names, name, strict=True))}
        of_day |= {"period": Period.DAY, "period_start": _day(row), "host_id": _KEPT_BY_ALL}
        return tuple(of_day[each] for each in self._keys)

    def _sum(self, key: tuple[Any, ...], rows: Sequence[Mapping[Any, Any]], merge: Merge) -> dict[str, Any]:
        return {
            **dict(zip(self._keys, key, strict=True)),
            **{name: sum(row[name] for row in rows) for name in self._added},
            "sketch": merge([row["sketch"] for row in rows]),
            "last_at": max(row["last_at"] for row in rows),
        }


def _day(row: Mapping[Any, Any]) -> datetime:
    start: datetime = row["period_start"]
    return start.replace(hour=0, minute=0, second=0, microsecond=0)


def _is_alone(session: Session, name: str) -> bool:
    """Tell whether no other host rolls the table up; SQLite lets only one write anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtext(f"workerhost roll-up {name}")))))
