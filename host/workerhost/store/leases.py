"""Queries about leases: which host runs which project. A lease is the row of a worker that has a replica's number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workerhost.model import Project
from workerhost.store.database import Database
from workerhost.store.models import Base, BuildRow, ProjectRow, WorkerRow
from workerhost.store.projects import project_of_row
from workerhost.store.stored_words import stored_word
from workerhost.store.workers import WorkerRecord, columns_of, insert_new_rows, insert_row, update_row
from workerhost.words import DesiredState, HostId, WorkerId, WorkerStatus

_ROWS = (ProjectRow, WorkerRow, BuildRow)
_PROJECTS, _WORKERS, _BUILDS = (Base.metadata.tables[row.__tablename__] for row in _ROWS)
_WANTED = (
    # Columns and no entities: hosts ask this all the time, for all projects.
    select(*_PROJECTS.c, _WORKERS.c.worker_id, _WORKERS.c.host_id, _WORKERS.c.replica, _WORKERS.c.status)
    .outerjoin_from(_PROJECTS, _WORKERS, (_WORKERS.c.project_id == _PROJECTS.c.id) & _WORKERS.c.replica.is_not(None))
    .where(_PROJECTS.c.desired_state == DesiredState.RUNNING, _PROJECTS.c.paused_at.is_(None))
    .order_by(_PROJECTS.c.id, _WORKERS.c.replica)
)
_WANTED_ONE = (
    _WANTED.add_columns(_BUILDS.c.required_plugins)
    .outerjoin(_BUILDS, (_BUILDS.c.project_id == _PROJECTS.c.id) & (_BUILDS.c.digest == _PROJECTS.c.current_build))
    .where(_PROJECTS.c.id == bindparam("project"))
)


@dataclass(frozen=True)
class Lease:
    """A host's claim on running one replica of a project."""

    worker_id: WorkerId
    host_id: HostId
    replica: int
    status: WorkerStatus


@dataclass(frozen=True)
class WantedProject:
    """A project that should run, and who has claimed it."""

    project: Project
    leases: tuple[Lease, ...] = ()

    def lease_of(self, worker_id: WorkerId) -> Lease | None:
        """Return the lease that the worker holds on the project, or None where it holds none."""
        return next((lease for lease in self.leases if lease.worker_id == worker_id), None)


def wanted_projects(rows: Iterable[Any]) -> list[WantedProject]:
    """Return the projects that the rows from `LeaseStore.rows` describe."""
    wanted: dict[str, WantedProject] = {}
    for row in rows:
        known = wanted.get(row.id)
        leases = known.leases if known else ()
        if row.worker_id is not None:
            leases = (
                *leases,
                Lease(row.worker_id, row.host_id, row.replica, stored_word(row.status, WorkerStatus.STARTING)),
            )
        wanted[row.id] = WantedProject(known.project if known else project_of_row(row), leases)
    return list(wanted.values())


class LeaseStore:
    """Leases. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanted(self) -> list[WantedProject]:
        """Return the projects that should run with their leases, by id."""
        return wanted_projects(self.rows())

    def wanted_one(self, project_id: str) -> tuple[WantedProject, tuple[str, ...]] | None:
        """Return a project that should run, with its leases, and the plugins that its current build needs."""
        with self._database.reading() as session:
            rows = session.execute(_WANTED_ONE, {"project": project_id}).all()
        return (wanted_projects(rows)[0], tuple(rows[0].required_plugins or ())) if rows else None

    def rows(self) -> Sequence[Any]:
        """Return the projects that should run, with a row for each lease; equal rows mean that nothing has changed."""
        with self._database.reading() as session:
            return session.execute(_WANTED).all()

    def claim(self, workers: Iterable[WorkerRecord]) -> set[WorkerId]:
        """Lease each worker's `replica` to it unless somebody has it, and return the ids of those that got theirs."""
        # In one order everywhere, so that hosts which claim at the same time do not wait for each other in a circle.
        claims = sorted(workers, key=lambda each: (each.project_id, each.replica or 0))

        def claim(session: Session) -> set[WorkerId]:
            won = insert_new_rows(session, claims)
            left = [record for record in claims if record.worker_id not in won]
            return won | {record.worker_id for record in left if _claim_for_known(session, record)}

        return self._database.write(claim)

    def release(self, worker_ids: Iterable[WorkerId]) -> None:
        """Free the leases of workers. The workers themselves go on for as long as their host thinks right."""
        ids = list(worker_ids)
        statement = update(WorkerRow).where(WorkerRow.worker_id.in_(ids)).values(replica=None)
        if ids:
            self._database.write(lambda session: session.execute(statement))

    def hand_on(self, worker_id: WorkerId, successor: WorkerRecord) -> None:
        """Add the row of a worker that takes the place of another one, and give it the lease of that one."""

        def hand_on(session: Session) -> None:
            if session.get(WorkerRow, successor.worker_id) is not None:
                return  # done by an attempt whose answer was lost
            predecessor = session.get(WorkerRow, worker_id)
            replica = predecessor.replica if predecessor else None
            if predecessor is not None:
                predecessor.replica = None
                session.flush()
            insert_row(session, {**columns_of(successor), "replica": replica})

        self._database.write(hand_on)


def _claim_for_known(session: Session, record: WorkerRecord) -> bool:
    """Lease a replica to a worker that may have a row already; tell whether it has one, and got the lease."""
    try:
        with session.begin_nested():
            return update_row(session, columns_of(record))
    except IntegrityError:  # another host was first
        return False
