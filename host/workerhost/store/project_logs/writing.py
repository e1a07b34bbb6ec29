"""Writing lines: a batch in one transaction, with how much it adds to which segment."""

import json
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from workerhost.observed import SEVERITIES
from workerhost.store.database import Database
from workerhost.store.models import ProjectRow
from workerhost.store.project_logs.values import NewLine

BATCH = 2000
"""Most lines of one transaction: on SQLite nobody else writes meanwhile."""

MOST_OPEN_SEGMENTS = 10_000
"""Of which it is known in memory how full they are; a project that comes back after so many others begins another."""

_COLUMNS = (
    "project_id, at, level, message, workflow_id, run_id, workflow_type, build_id, activity, attempt, node, "
    "logger, fields"
)

_INSERT_ON_SQLITE = f"INSERT INTO project_logs (id, {_COLUMNS}) VALUES ({', '.join('?' * 14)})"  # noqa: S608

_LAST_ID_ON_SQLITE = "SELECT seq FROM sqlite_sequence WHERE name = 'project_logs'"
"""The highest id that was ever given: https://www.sqlite.org/autoinc.html"""

_GROW = """
    ON CONFLICT (project_id, segment) DO UPDATE SET
        last_id = excluded.last_id,
        first_at = {least}(project_log_segments.first_at, excluded.first_at),
        last_at = {greatest}(project_log_segments.last_at, excluded.last_at),
        lines = project_log_segments.lines + excluded.lines,
        bytes = project_log_segments.bytes + excluded.bytes
"""

_GROW_ON_SQLITE = """
    INSERT INTO project_log_segments (project_id, segment, first_id, last_id, first_at, last_at, lines, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
""" + _GROW.format(least="min", greatest="max")  # noqa: S608

LOCK = 0x776F726B6C6F6773
"""Names the lock on PostgreSQL that those hold who write lines: any number that nothing else uses."""

# One statement, and a transaction of its own: the lock is held while the server itself works, and not while a host
# sends or has stopped. Ids are given under the lock, and it is let go after the lines have become visible, so that ids
# become visible in their order: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
_WRITE_ON_POSTGRESQL = text(
    f"""
    WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock({LOCK})),
    given AS (
        SELECT sent.* FROM held CROSS JOIN json_to_recordset(CAST(:lines AS json)) AS sent (
            number integer, project_id text, at timestamptz, level smallint, message text, workflow_id text,
            run_id text, workflow_type text, build_id text, activity text, attempt integer, node text, logger text,
            fields text
        )
        WHERE EXISTS (SELECT 1 FROM projects WHERE projects.id = sent.project_id)
        ORDER BY sent.number
    ),
    written AS (
        INSERT INTO project_logs ({_COLUMNS})
        SELECT project_id, at, level, message, workflow_id, run_id, workflow_type, build_id, activity, attempt, node,
            logger, CAST(fields AS json)
        FROM given ORDER BY number
        RETURNING id, project_id, at
    ),
    grown AS (
        SELECT project_id, min(id) AS first_id, max(id) AS last_id, min(at) AS first_at, max(at) AS last_at
        FROM written GROUP BY project_id
    )
    INSERT INTO project_log_segments (project_id, segment, first_id, last_id, first_at, last_at, lines, bytes)
    SELECT grown.project_id, added.segment, first_id, last_id, first_at, last_at, added.lines, added.bytes
    FROM grown JOIN json_to_recordset(CAST(:added AS json)) AS added (
        project_id text, segment text, lines bigint, bytes bigint
    ) ON added.project_id = grown.project_id
    """  # noqa: S608
    + _GROW.format(least="least", greatest="greatest")
)


@dataclass
class _OpenSegment:
    name: str
    began_at: float
    bytes: int = 0


class OpenSegments:
    """Which segment the next lines of each project belong to. Belongs to one thread.

    Args:
        most_bytes: of a segment.
        most_seconds: that a segment goes on.
    """

    def __init__(self, most_bytes: int, most_seconds: float) -> None:
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._open: OrderedDict[str, _OpenSegment] = OrderedDict()

    def grow(self, project_id: str, added: int) -> str:
        """Return the name of the segment that so many bytes of the project go to."""
        segment = self._open.get(project_id)
        if segment is None or self._is_full(segment):
            segment = self._open[project_id] = _OpenSegment(uuid.uuid4().hex, time.monotonic())
        segment.bytes += added
        self._open.move_to_end(project_id)
        if len(self._open) > MOST_OPEN_SEGMENTS:
            self._open.popitem(last=False)
        return segment.name

    def _is_full(self, segment: _OpenSegment) -> bool:
        return segment.bytes >= self._most_bytes or time.monotonic() - segment.began_at >= self._most_seconds


class ProjectLogWriter:
    """Writes lines. Belongs to one thread; every call may block.

    Args:
        database: where they are written.
        segments: what is added to which segment.
    """

    def __init__(self, database: Database, segments: OpenSegments) -> None:
        self._database = database
        self._segments = segments

    def write(self, lines: Sequence[NewLine]) -> None:
        """Write lines in their order, `BATCH` at most; those of projects that do not exist are left out.

        Where the connection is lost at the very end, it is not known whether the lines were written; they are written
        again then.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        added = self._added(lines)
        if self._database.url.get_backend_name() == "sqlite":
            self._database.write(_SqliteBatch(lines, added))
            return
        values = {"lines": _as_json(lines), "added": json.dumps([each.as_json() for each in added.values()])}
        self._database.execute_alone(_WRITE_ON_POSTGRESQL, values)

    def _added(self, lines: Sequence[NewLine]) -> dict[str, "_Added"]:
        added: dict[str, _Added] = {}
        for each in lines:
            found = added.setdefault(each.line.project_id, _Added(each.line.project_id))
            found.lines += 1
            found.bytes += each.size
        for found in added.values():
            found.segment = self._segments.grow(found.project_id, found.bytes)
        return added


@dataclass
class _Added:
    project_id: str
    segment: str = ""
    lines: int = 0
    bytes: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"project_id": self.project_id, "segment": self.segment, "lines": self.lines, "bytes": self.bytes}


class _SqliteBatch:
    """The work of one transaction on SQLite, where nobody else writes until it ends."""

    def __init__(self, lines: Sequence[NewLine], added: dict[str, _Added]) -> None:
        self._added = added
        self._rows = [(*_row(each), each.fields) for each in lines]  # made before the others have to wait

    def __call__(self, session: Session) -> None:
        known = set(session.scalars(select(ProjectRow.id).where(ProjectRow.id.in_(self._added))))
        rows = [row for row in self._rows if row[0] in known]
        if not rows:
            return
        connection = session.connection()
        last_id = connection.exec_driver_sql(_LAST_ID_ON_SQLITE).scalar() or 0
        numbered = [(number, *row) for number, row in enumerate(rows, last_id + 1)]
        connection.exec_driver_sql(_INSERT_ON_SQLITE, numbered)
        connection.exec_driver_sql(_GROW_ON_SQLITE, list(self._grown(numbered)))

    def _grown(self, numbered: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        by_project: dict[str, tuple[int, int, str, str]] = {}
        for number, project_id, at, *_ in numbered:
            first_id, _last, first_at, last_at = by_project.get(project_id, (number, number, at, at))
            by_project[project_id] = first_id, number, min(first_at, at), max(last_at, at)
        for project_id, bounds in by_project.items():
            added = self._added[project_id]
            yield project_id, added.segment, *bounds, added.lines, added.bytes


def _row(each: NewLine) -> tuple[Any, ...]:
    line = each.line
    return (
        line.project_id,
        _sqlite_time(line.at),
        SEVERITIES[line.level],
        line.message,
        line.workflow_id,
        line.run_id,
        line.workflow_type,
        line.build_id,
        line.activity,
        line.attempt,
        line.node,
        line.logger,
    )


def _sqlite_time(at: datetime) -> str:
    """Return a time as SQLAlchemy writes it to SQLite."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _as_json(lines: Sequence[NewLine]) -> str:
    written = to_json(  # which takes half as long as Python's own
        [
            {
                "number": number,
                "project_id": each.line.project_id,
                "at": each.line.at.isoformat(),
                "level": SEVERITIES[each.line.level],
                "message": each.line.message,
                "workflow_id": each.line.workflow_id,
                "run_id": each.line.run_id,
                "workflow_type": each.line.workflow_type,
                "build_id": each.line.build_id,
                "activity": each.line.activity,
                "attempt": each.line.attempt,
                "node": each.line.node,
                "logger": each.line.logger,
                "fields": each.fields,
            }
            for number, each in enumerate(lines)
        ]
    )
    return written.decode()
