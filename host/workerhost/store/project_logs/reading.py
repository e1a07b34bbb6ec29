"""Reading lines: newest first a page at a time, and in order after one that is known."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from workerhost.observed import SEVERITIES, LogLine
from workerhost.store.database import Database
from workerhost.store.models import Base, ProjectLogRow, ProjectLogSegmentRow, ProjectRow
from workerhost.store.project_logs.values import EVERYTHING, FoundLines, LogFilter, StoredLine

MOST_SCANNED = 20_000
"""Lines that one look goes through, whether they are meant or not; the next one goes on after them."""

_LEVELS = {number: level for level, number in SEVERITIES.items()}
_LINES = Base.metadata.tables[ProjectLogRow.__tablename__]
_SEGMENTS = Base.metadata.tables[ProjectLogSegmentRow.__tablename__]


class ProjectLogReader:
    """Reads the logs of projects. Safe to use from any thread; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, project_id: str, wanted: LogFilter, limit: int, until_id: int | None = None) -> FoundLines:
        """Return the newest lines that are meant, newest first.

        Args:
            project_id: whose log it is.
            wanted: which lines are meant.
            limit: how many at most, up to `MOST_SCANNED`.
            until_id: of lines with that id or a lower one; None for all.
        """
        look = self._look(project_id, wanted, limit, [] if until_id is None else [_LINES.c.id <= until_id])
        return look.descending() if look else FoundLines((), None)

    def after(self, project_id: str, wanted: LogFilter, limit: int, after_id: int) -> FoundLines:
        """Return lines that are meant and have higher ids than `after_id`, in their order.

        Args:
            project_id: whose log it is.
            wanted: which lines are meant.
            limit: how many at most, up to `MOST_SCANNED`.
            after_id: the id of the line after which they come.
        """
        look = self._look(project_id, wanted, limit, [_LINES.c.id > after_id])
        return look.ascending() if look else FoundLines((), None)

    def last_ids(self, project_ids: Sequence[str]) -> dict[str, int]:
        """Return the id of the newest line of each of these projects that exists; 0 for one that has no lines."""
        of_project = (_SEGMENTS.c.project_id == ProjectRow.id) & _SEGMENTS.c.is_removed.is_(False)
        newest = (
            select(ProjectRow.id, func.coalesce(func.max(_SEGMENTS.c.last_id), 0).label("last_id"))
            .outerjoin(_SEGMENTS, of_project)
            .where(ProjectRow.id.in_(project_ids))
            .group_by(ProjectRow.id)
        )
        with self._database.reading() as session:
            return {each.id: each.last_id for each in session.execute(newest)}

    def _look(
        self, project_id: str, wanted: LogFilter, limit: int, conditions: list[ColumnElement[bool]]
    ) -> "_Look | None":
        """Return a look through the lines of the segments that may hold what is meant; None where there are none."""
        bounds = select(func.min(_SEGMENTS.c.first_id), func.max(_SEGMENTS.c.last_id)).where(
            _SEGMENTS.c.project_id == project_id, _SEGMENTS.c.is_removed.is_(False)
        )
        if wanted.after is not None:
            bounds = bounds.where(_SEGMENTS.c.last_at >= wanted.after)
        if wanted.before is not None:
            bounds = bounds.where(_SEGMENTS.c.first_at < wanted.before)
        with self._database.reading() as session:
            first_id, last_id = session.execute(bounds).one()
        if first_id is None:
            return None
        within = [_LINES.c.project_id == project_id, _LINES.c.id.between(first_id, last_id), *conditions]
        return _Look(self._database, within, wanted, limit)


class _Look:
    """One look through a log, over an index alone, and what of it is meant."""

    def __init__(self, database: Database, within: list[ColumnElement[bool]], wanted: LogFilter, limit: int) -> None:
        self._database = database
        self._wanted = wanted
        self._limit = limit
        self._within = within
        if wanted.run_id is not None:
            self._within.append(_LINES.c.run_id == wanted.run_id)
        elif wanted.workflow_id is not None:
            self._within.append(_LINES.c.workflow_id == wanted.workflow_id)

    def descending(self) -> FoundLines:
        """Return the newest lines, newest first."""
        return self._page(lambda lines: lines.c.id.desc())

    def ascending(self) -> FoundLines:
        """Return the oldest lines, in order."""
        return self._page(lambda lines: lines.c.id)

    def _page(self, order: Callable[[Any], Any]) -> FoundLines:
        scanned = select(_LINES).where(*self._within).order_by(order(_LINES)).limit(MOST_SCANNED)
        inner = scanned.subquery()
        found = select(inner).where(*_conditions(inner, self._wanted)).order_by(order(inner)).limit(self._limit + 1)
        with self._database.reading() as session:
            lines = [_stored(row) for row in session.execute(found)]
            if len(lines) > self._limit:
                return FoundLines(lines[: self._limit], lines[self._limit].id)
            if self._wanted == EVERYTHING:
                return FoundLines(lines, None)
            rest: int | None = session.scalar(self._rest(order))
            return FoundLines(lines, rest)

    def _rest(self, order: Callable[[Any], Any]) -> Select[Any]:
        """Return the query for the first line that was not looked at."""
        return select(_LINES.c.id).where(*self._within).order_by(order(_LINES)).offset(MOST_SCANNED).limit(1)


def _conditions(lines: Any, wanted: LogFilter) -> list[ColumnElement[bool]]:
    names = ("run_id", "workflow_id", "activity", "node")
    found = [lines.c[name] == value for name in names if (value := getattr(wanted, name)) is not None]
    if wanted.level is not None:
        found.append(lines.c.level >= SEVERITIES[wanted.level])
    if wanted.after is not None:
        found.append(lines.c.at >= wanted.after)
    if wanted.before is not None:
        found.append(lines.c.at < wanted.before)
    if wanted.text is not None:
        found.append(lines.c.message.icontains(wanted.text, autoescape=True))
    return found


def _stored(row: Any) -> StoredLine:
    return StoredLine(
        row.id,
        LogLine(
            at=row.at,
            project_id=row.project_id,
            level=_LEVELS[row.level],
            message=row.message,
            workflow_id=row.workflow_id,
            run_id=row.run_id,
            workflow_type=row.workflow_type,
            build_id=row.build_id,
            activity=row.activity,
            attempt=row.attempt,
            node=row.node,
            logger=row.logger,
            fields=row.fields if isinstance(row.fields, dict) else {},
        ),
    )
