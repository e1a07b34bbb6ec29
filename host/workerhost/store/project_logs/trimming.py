"""Trimming logs: whole segments, the oldest first, a few lines at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from workerhost.store.database import Database
from workerhost.store.models import ProjectLogRow, ProjectLogSegmentRow
from workerhost.store.project_logs.values import Segment

DELETED_AT_ONCE = 2000
"""Most lines that one transaction deletes: on SQLite nobody else writes meanwhile."""

_IDS_AT_ONCE = 500
"""Projects that one query names."""


def surplus(segments: Sequence[Segment], most_bytes: int, oldest: datetime) -> list[Segment]:
    """Return the segments of one project that are too much, the oldest first.

    Args:
        segments: all that the project has, the oldest first.
        most_bytes: that it may have.
        oldest: segments whose last line is older go.
    """
    size = sum(each.bytes for each in segments if not each.is_removed)
    found = []
    for each in segments:
        if each.is_removed or size > most_bytes or each.last_at < oldest:
            found.append(each)
            size -= 0 if each.is_removed else each.bytes
    return found


class ProjectLogTrimmer:
    """Finds what is too much, and deletes it. Safe to use from any thread, and by several hosts; every call may block.

    Every call raises `StoreUnavailableError` where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, most_bytes: int, oldest: datetime, project_ids: Collection[str] | None = None) -> list[Segment]:
        """Return the segments that are too much.

        Args:
            most_bytes: that the log of a project may have.
            oldest: older lines go.
            project_ids: whose logs are looked at; None for all logs, those of deleted projects among them.
        """
        if project_ids is None:
            return self._surplus(self._suspects(most_bytes, oldest), most_bytes, oldest)
        return self._surplus(sorted(project_ids), most_bytes, oldest)

    def drop_some(self, segment: Segment) -> bool:
        """Delete the oldest lines of a segment, and return whether nothing of it is left.

        Lines of the same project that another host has written between them go as well; they are about as old.
        """
        return self._database.write(lambda session: _drop_some(session, segment))

    def _suspects(self, most_bytes: int, oldest: datetime) -> list[str]:
        row = ProjectLogSegmentRow
        too_old = select(row.project_id).where(or_(row.is_removed, row.last_at < oldest)).distinct()
        too_much = select(row.project_id).group_by(row.project_id).having(func.sum(row.bytes) > most_bytes)
        with self._database.reading() as session:
            return sorted({*session.scalars(too_old), *session.scalars(too_much)})

    def _surplus(self, project_ids: Sequence[str], most_bytes: int, oldest: datetime) -> list[Segment]:
        found: list[Segment] = []
        row = ProjectLogSegmentRow
        for start in range(0, len(project_ids), _IDS_AT_ONCE):
            named = row.project_id.in_(project_ids[start : start + _IDS_AT_ONCE])
            with self._database.reading() as session:
                rows = session.scalars(select(row).where(named).order_by(row.project_id, row.first_id))
                segments = [_segment(each) for each in rows]
            for _, of_project in groupby(segments, key=attrgetter("project_id")):
                found += surplus(list(of_project), most_bytes, oldest)
        return found


def _drop_some(session: Session, segment: Segment) -> bool:
    line, row = ProjectLogRow, ProjectLogSegmentRow
    is_it = (row.project_id == segment.project_id, row.segment == segment.name)
    within = (line.project_id == segment.project_id, line.id.between(segment.first_id, segment.last_id))
    ids = session.scalars(select(line.id).where(*within).order_by(line.id).limit(DELETED_AT_ONCE)).all()
    if ids:
        session.execute(delete(line).where(line.project_id == segment.project_id, line.id.between(ids[0], ids[-1])))
    is_done = len(ids) < DELETED_AT_ONCE
    if is_done:
        session.execute(delete(row).where(*is_it, row.last_id == segment.last_id))
    # Its host may have written more to it: what is left of it counts on.
    passed = segment.last_id if is_done else ids[-1]
    left = {"lines": row.lines - segment.lines, "bytes": row.bytes - segment.bytes} if is_done else {}
    session.execute(
        update(row).where(*is_it, row.first_id <= passed).values({"first_id": passed + 1, **left}),
        execution_options={"synchronize_session": False},
    )
    return is_done


def remove_logs(session: Session, project_id: str) -> None:
    """Have nobody see the log of a project any more; its lines are deleted later. A part of deleting the project.

    Segments get names that their hosts do not know, so that nothing is added to them if the project is made again.
    """
    row = ProjectLogSegmentRow
    session.execute(
        update(row)
        .where(row.project_id == project_id, row.is_removed.is_(False))
        .values(is_removed=True, segment="removed-" + row.segment),
        execution_options={"synchronize_session": False},
    )


def _segment(row: ProjectLogSegmentRow) -> Segment:
    return Segment(
        row.project_id, row.segment, row.first_id, row.last_id, row.last_at, row.lines, row.bytes, row.is_removed
    )
