"""Queries about batches: what is done with many executions in the background."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from workerhost.errors import ConflictError, NotFoundError
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.left_work import is_left, take_up
from workerhost.store.models import BatchRow, ProjectRow
from workerhost.store.projects import project_not_found
from workerhost.store.stored_words import stored_word
from workerhost.words import BatchOperation, BatchStatus, HostId

MOST_OPEN = 20
"""Batches of a project that have not ended, at most: each may hold megabytes."""

ENDED_KEPT = 100
"""Batches of a project that are remembered when they have ended."""

_WORKED_ON = (BatchStatus.RUNNING, BatchStatus.STOPPING)
_OPEN = (BatchStatus.WAITING, *_WORKED_ON)


@dataclass(frozen=True)
class Batch:
    """A batch, and how far it has come."""

    id: str
    project_id: str
    operation: BatchOperation
    status: BatchStatus = BatchStatus.WAITING
    host_id: HostId | None = None
    """The host that works on it, or has worked on it last."""
    total: int = 0
    done: int = 0
    failed: int = 0
    failures: Sequence[Mapping[str, Any]] = ()
    """The first ones that failed, with the keys that answers have."""
    position: str = ""
    """Where it goes on: what is before that is counted. Empty before its first look."""
    message: str = ""
    """Why it cannot go on, where it has failed."""
    created_at: datetime | None = None
    ended_at: datetime | None = None


class BatchStore:
    """Batches. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, batch: Batch, arguments: Mapping[str, Any]) -> None:
        """Record a batch that waits for a host, and forget the oldest ones of the project that have ended.

        Args:
            batch: with its id, project and operation.
            arguments: what is to be done, and with which executions; JSON.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: too many batches of the project have not ended.
        """

        def add(session: Session) -> None:
            if session.get(ProjectRow, batch.project_id, with_for_update=True) is None:  # one at a time
                raise project_not_found(batch.project_id)
            if session.get(BatchRow, batch.id) is not None:
                return
            _refuse_too_many(session, batch.project_id)
            session.add(
                BatchRow(
                    id=batch.id,
                    project_id=batch.project_id,
                    operation=batch.operation,
                    arguments=dict(arguments),
                    status=BatchStatus.WAITING,
                    total=batch.total,
                    created_at=now(),
                )
            )
            _forget_oldest(session, batch.project_id)

        self._database.write(add)

    def get(self, project_id: str, batch_id: str) -> Batch:
        """Return a batch.

        Raises:
            NotFoundError: the project has none of that id.
        """
        with self._database.reading() as session:
            return _batch(_find(session, project_id, batch_id))

    def arguments(self, batch_id: str) -> dict[str, Any]:
        """Return what is to be done, and with which executions; empty where the batch has ended or is gone."""
        with self._database.reading() as session:
            return session.scalar(select(BatchRow.arguments).where(BatchRow.id == batch_id)) or {}

    def page(self, project_id: str, limit: int, before: tuple[datetime, str] | None) -> list[Batch]:
        """Return batches of the project, newest first.

        Args:
            project_id: of the project.
            limit: how many at most.
            before: when the last batch of the page before was recorded, and its id; None for the first page.
        """
        query = select(BatchRow).where(BatchRow.project_id == project_id)
        if before is not None:
            at, batch_id = before
            is_older = or_(BatchRow.created_at < at, and_(BatchRow.created_at == at, BatchRow.id < batch_id))
            query = query.where(is_older)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(BatchRow.created_at.desc(), BatchRow.id.desc()).limit(limit))
            return [_batch(row) for row in rows]

    def stop(self, project_id: str, batch_id: str) -> Batch:
        """Have a batch end before its time, and return it. One that a host works on ends a moment later.

        Raises:
            NotFoundError: the project has none of that id.
        """

        def stop(session: Session) -> Batch:
            row = _find(session, project_id, batch_id, for_update=True)
            if row.status == BatchStatus.WAITING:
                _end(row, BatchStatus.STOPPED)
            elif row.status == BatchStatus.RUNNING:
                row.status = BatchStatus.STOPPING
            session.flush()
            session.refresh(row)
            return _batch(row)

        return self._database.write(stop)

    def stop_all(self, project_id: str) -> bool:
        """Have all batches of the project end before their time, and tell whether a host is still at one of them."""
        present = and_(BatchRow.project_id == project_id, BatchRow.status.in_(_OPEN))

        def stop(session: Session) -> bool:
            rows = session.scalars(select(BatchRow).where(present).with_for_update()).all()
            for row in rows:
                if row.status == BatchStatus.WAITING:
                    _end(row, BatchStatus.STOPPED)
                else:
                    row.status = BatchStatus.STOPPING
            return any(row.status == BatchStatus.STOPPING for row in rows)

        return self._database.write(stop)

    def claim(self, host_id: HostId, working_on: Collection[str]) -> Batch | None:
        """Give this host the oldest batch that no host works on, and return it; None where there is none.

        The batches of one project are done one after the other.

        Args:
            host_id: of this host.
            working_on: ids of the batches that it works on already.
        """
        other = aliased(BatchRow)
        is_turn_of_other = exists().where(
            other.project_id == BatchRow.project_id, other.id != BatchRow.id, other.status.in_(_WORKED_ON)
        )
        is_next = and_(BatchRow.status == BatchStatus.WAITING, ~is_turn_of_other)
        is_behind = and_(BatchRow.status.in_(_WORKED_ON), is_left(BatchRow, host_id, working_on))
        is_known = BatchRow.operation.in_(list(BatchOperation))  # hosts of a later version may know more
        found = select(BatchRow).where(is_known, or_(is_next, is_behind))
        query = found.order_by(BatchRow.created_at, BatchRow.id).limit(1)

        def assign(row: BatchRow) -> Batch:
            row.host_id = host_id
            if row.status == BatchStatus.WAITING:
                row.status = BatchStatus.RUNNING
            return _batch(row)

        return next(iter(take_up(self._database, query, assign)), None)

    def save(self, batch: Batch) -> BatchStatus | None:
        """Write how far a batch has come; its status counts where it is an end, or `waiting` to hand it over.

        Returns the batch's status from then on, or None where another host works on it by now, or it is gone.
        """
        mine = and_(BatchRow.id == batch.id, BatchRow.host_id == batch.host_id, BatchRow.status.in_(_WORKED_ON))

        def save(session: Session) -> BatchStatus | None:
            present = session.scalar(select(BatchRow.status).where(mine).with_for_update())
            if present is None:
                return None
            status = _following(BatchStatus(present), batch.status)
            session.execute(update(BatchRow).where(mine).values(_progress(batch, status)))
            return status

        return self._database.write(save)

    def forget(self, days: float) -> None:
        """Delete what has ended more than `days` ago."""
        old = delete(BatchRow).where(BatchRow.ended_at < ago(86400 * days))
        self._database.write(lambda session: session.execute(old))


def _find(session: Session, project_id: str, batch_id: str, *, for_update: bool = False) -> BatchRow:
    row = session.get(BatchRow, batch_id, with_for_update=for_update or None)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"project {project_id} has no batch {batch_id}", code="batch_not_found")
    return row


def _refuse_too_many(session: Session, project_id: str) -> None:
    is_open = and_(BatchRow.project_id == project_id, BatchRow.status.in_(_OPEN))
    if (session.scalar(select(func.count()).where(is_open)) or 0) >= MOST_OPEN:
        raise ConflictError(
            f"{MOST_OPEN} batches of project {project_id} have not ended yet; wait for one of them, or stop it",
            code="too_many_batches",
        )


def _forget_oldest(session: Session, project_id: str) -> None:
    is_ended: ColumnElement[bool] = and_(BatchRow.project_id == project_id, BatchRow.ended_at.is_not(None))
    newest = select(BatchRow.ended_at).where(is_ended).order_by(BatchRow.ended_at.desc())
    last_kept = session.scalar(newest.offset(ENDED_KEPT - 1).limit(1))
    if last_kept is not None:
        session.execute(delete(BatchRow).where(is_ended, BatchRow.ended_at < last_kept))


def _end(row: BatchRow, status: BatchStatus) -> None:
    for name, value in _ending(status).items():
        setattr(row, name, value)


def _ending(status: BatchStatus) -> dict[str, Any]:
    return {"status": status, "ended_at": now(), "arguments": {}}


def _following(present: BatchStatus, wanted: BatchStatus) -> BatchStatus:
    """Return the status of a batch after a host has said which one it is to have."""
    if wanted == BatchStatus.WAITING:
        return BatchStatus.STOPPED if present == BatchStatus.STOPPING else wanted
    return wanted if wanted.is_end else present


def _progress(batch: Batch, status: BatchStatus) -> dict[str, Any]:
    values: dict[str, Any] = {
        "total": batch.total,
        "done": batch.done,
        "failed": batch.failed,
        "failures": [dict(each) for each in batch.failures],
        "position": batch.position,
        "message": batch.message,
        "status": status,
    }
    if status == BatchStatus.WAITING:
        values["host_id"] = None
    return values | (_ending(status) if status.is_end else {})


def _batch(row: BatchRow) -> Batch:
    names = ("id", "project_id", "host_id", "total", "done", "failed", "failures", "position", "message")
    return Batch(
        operation=stored_word(row.operation, BatchOperation.START),
        status=stored_word(row.status, BatchStatus.RUNNING),
        created_at=row.created_at,
        ended_at=row.ended_at,
        **{name: getattr(row, name) for name in names},
    )
