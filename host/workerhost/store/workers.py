"""Queries about project workers: the rows that operators look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workerhost.model import Deployment
from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.models import Base, HostRow, WorkerRow
from workerhost.store.stored_words import stored_word
from workerhost.words import ALIVE, BuildId, HostId, WorkerId, WorkerStatus

FELL_SILENT = "the host stopped sending heartbeats"
"""Why a worker counts as stopped whose host may still live, cut off from the database."""

_TABLE = Base.metadata.tables[WorkerRow.__tablename__]
_HOSTS = Base.metadata.tables[HostRow.__tablename__]
_LOOKED_AFTER = (
    select(*_TABLE.c, _HOSTS.c.last_heartbeat.label("host_heartbeat"))
    .join(_HOSTS, _HOSTS.c.id == _TABLE.c.host_id)
    .where(_TABLE.c.status.in_(ALIVE), _TABLE.c.project_id == bindparam("project"))
    .order_by(_TABLE.c.started_at)
)
_DETAILS_OF_STOPPED = select(_TABLE.c.host_id, _TABLE.c.metadata).where(
    _TABLE.c.project_id == bindparam("project"),
    _TABLE.c.status == WorkerStatus.STOPPED,
    _TABLE.c.stopped_at > ago(3600),
)
_GIVEN_UP = select(_TABLE.c.host_id, _TABLE.c.metadata).where(
    _TABLE.c.project_id == bindparam("project"),
    _TABLE.c.status == WorkerStatus.STOPPED,
    _TABLE.c.deployment_revision < bindparam("revision"),
    _TABLE.c.stopped_at > ago(3600),
    _TABLE.c.host_id.not_in(select(_HOSTS.c.id)),
)
_UPDATE = update(_TABLE).where(_TABLE.c.worker_id == bindparam("key")).values(last_heartbeat=now())
_INSERT = insert(_TABLE).values(last_heartbeat=now())
_INSERT_NEW = {
    name: insert_into(_TABLE).values(last_heartbeat=now()).on_conflict_do_nothing().returning(_TABLE.c.worker_id)
    for name, insert_into in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


@dataclass(frozen=True)
class WorkerRecord:
    """A project worker as its host sees it."""

    worker_id: WorkerId
    project_id: str
    task_queue: str
    status: WorkerStatus
    host_id: HostId
    machine: str
    process_id: int
    started_at: datetime
    stopped_at: datetime | None = None
    generation: int = 0
    build_id: BuildId | None = None
    deployment_revision: int = 0
    """The revision of the project's deployment that the worker follows."""
    replica: int | None = None
    """The replica of the project that the worker holds the lease on; None where it holds none."""
    details: dict[str, Any] = field(default_factory=dict)
    last_heartbeat: datetime | None = None
    """The last heartbeat of the worker's host; None in a record that is being written."""


@dataclass(frozen=True)
class HostDeath:
    """A host died while activities of a project ran."""

    activities: tuple[str, ...]
    """Their names."""
    is_alone: bool
    """Whether none of other projects ran, so that it can only have been the project."""


class WorkerStore:
    """Project workers. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, records: Iterable[WorkerRecord]) -> None:
        """Insert or update the workers' rows in one transaction; a worker that has ended loses its lease."""
        rows = list(records)

        def save(session: Session) -> None:
            for record in rows:
                columns = columns_of(record)
                if record.status.goes_on:
                    del columns["replica"]
                if not update_row(session, columns):
                    insert_row(session, columns)

        self._database.write(save)

    def set_deployment(self, worker_id: WorkerId, deployment: Deployment) -> None:
        """Write which deployment the new runs of a worker follow."""
        values = {"build_id": deployment.current, "deployment_revision": deployment.revision}
        statement = update(WorkerRow).where(WorkerRow.worker_id == worker_id).values(values)
        self._database.write(lambda session: session.execute(statement))

    def alive(self, project_id: str) -> list[WorkerRecord]:
        """Return the project's workers that some host looks after, oldest first."""
        with self._database.reading() as session:
            return [_record(row) for row in session.execute(_LOOKED_AFTER, {"project": project_id})]

    def running(self) -> list[str]:
        """Return the ids of the projects that a worker polls for, in order."""
        query = select(WorkerRow.project_id).where(WorkerRow.status == WorkerStatus.RUNNING).distinct()
        with self._database.reading() as session:
            return sorted(session.scalars(query))

    def beat(self, host_id: HostId) -> None:
        """Write the present time to the rows of all workers of the host, for operators who look at them."""
        mine = update(WorkerRow).where(WorkerRow.host_id == host_id, WorkerRow.status.in_(ALIVE))
        self._database.write(lambda session: session.execute(mine.values(last_heartbeat=now())))

    def mark_lost(self, host_ids: Iterable[HostId], reason: str) -> int:
        """Mark as `stopped` every worker of hosts that are gone, free its lease, and return how many they were."""
        return self._mark_stopped(WorkerRow.host_id.in_(list(host_ids)), reason)

    def mark_abandoned(self, worker_ids: Iterable[WorkerId], reason: str) -> int:
        """Mark the given workers as `stopped`, free their leases, and return how many they were."""
        return self._mark_stopped(WorkerRow.worker_id.in_(list(worker_ids)), reason)

    def given_up(self, project_id: str, revision: int) -> list[HostId]:
        """Return the hosts that were taken for dead within the last hour without having followed a deployment.

        A host that has come back since, or that is known to have died, is none of them.

        Args:
            project_id: whose deployment it is.
            revision: of the deployment.
        """
        values = {"project": project_id, "revision": revision}
        with self._database.reading() as session:
            rows = session.execute(_GIVEN_UP, values).all()
        return sorted({row.host_id for row in rows if row.metadata == {"reason": FELL_SILENT}})

    def note_death(self, project_id: str, host_id: HostId, activities: Iterable[str], *, is_alone: bool) -> None:
        """Write to the rows of a project's workers on a host that died which of its activities ran in that moment.

        Args:
            project_id: whose activities they are.
            host_id: the host.
            activities: their names.
            is_alone: whether none of other projects ran.
        """
        details = {"reason": "its host died", "activities": list(activities), "isAlone": is_alone}
        values = {"status": WorkerStatus.STOPPED, "stopped_at": now(), "details": details, "replica": None}
        these = (WorkerRow.host_id == host_id) & (WorkerRow.project_id == project_id)
        self._database.write(lambda session: session.execute(update(WorkerRow).where(these).values(values)))

    def host_deaths(self, project_id: str) -> list[HostDeath]:
        """Return the hosts that died in the last hour while activities of the project ran."""
        with self._database.reading() as session:
            found = session.execute(_DETAILS_OF_STOPPED, {"project": project_id}).all()
        # A host has several rows of a project that was started again there.
        by_host = {row.host_id: row.metadata for row in found if isinstance(row.metadata, dict)}
        deaths = [details for details in by_host.values() if "activities" in details]
        return [HostDeath(tuple(each["activities"]), bool(each.get("isAlone"))) for each in deaths]

    def mark_orphans(self) -> int:
        """Mark as `stopped` every worker whose host is not registered any more, and return how many they were."""
        unknown = WorkerRow.host_id.not_in(select(HostRow.id))
        # A host that has just been taken for dead and lives registers again within its next heartbeats.
        return self._mark_stopped(unknown & (WorkerRow.last_heartbeat < ago(30)), "its host is gone")

    def forget(self, days: float) -> int:
        """Delete the rows of workers that stopped more than `days` ago, and return how many they were."""
        old = delete(WorkerRow).where(
            WorkerRow.status == WorkerStatus.STOPPED, WorkerRow.stopped_at < ago(86400 * days)
        )
        return self._database.write(lambda session: session.execute(old).rowcount)  # type: ignore[attr-defined,no-any-return]

    def _mark_stopped(self, condition: Any, reason: str) -> int:
        statement = (
            update(WorkerRow)
            .where(WorkerRow.status.in_(ALIVE), condition)
            .values(status=WorkerStatus.STOPPED, stopped_at=now(), details={"reason": reason}, replica=None)
        )
        return self._database.write(lambda session: session.execute(statement).rowcount)  # type: ignore[attr-defined,no-any-return]


def columns_of(record: WorkerRecord) -> dict[str, Any]:
    """Return the columns of a worker's row, without its heartbeat, which is the present time."""
    return {
        "worker_id": record.worker_id,
        "project_id": record.project_id,
        "task_queue_name": record.task_queue,
        "status": record.status,
        "host_id": record.host_id,
        "host": record.machine,
        "process_id": record.process_id,
        "started_at": record.started_at,
        "stopped_at": record.stopped_at,
        "metadata": record.details,
        "generation": record.generation,
        "build_id": record.build_id,
        "deployment_revision": record.deployment_revision,
        "replica": record.replica,
    }


def update_row(session: Session, columns: Mapping[str, Any]) -> bool:
    """Write columns of a worker's row within the caller's transaction; tell whether there is such a row."""
    written = session.execute(_UPDATE, {**columns, "key": columns["worker_id"]})
    return bool(written.rowcount)  # type: ignore[attr-defined]


def insert_row(session: Session, columns: Mapping[str, Any]) -> None:
    """Add the row of a worker within the caller's transaction."""
    session.execute(_INSERT, columns)


def insert_new_rows(session: Session, records: Iterable[WorkerRecord]) -> set[WorkerId]:
    """Add rows within the caller's transaction, and return the ids of the workers whose rows were.

    Those are left out that have a row already, and those whose lease somebody else has.
    """
    rows = [columns_of(record) for record in records]
    return set(session.scalars(_INSERT_NEW[session.get_bind().dialect.name], rows)) if rows else set()


def _record(row: Any) -> WorkerRecord:
    return WorkerRecord(
        worker_id=row.worker_id,
        project_id=row.project_id,
        task_queue=row.task_queue_name,
        status=stored_word(row.status, WorkerStatus.STARTING),
        host_id=row.host_id,
        machine=row.host,
        process_id=row.process_id,
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        generation=row.generation,
        build_id=row.build_id,
        deployment_revision=row.deployment_revision,
        replica=row.replica,
        details=row.metadata,
        last_heartbeat=row.host_heartbeat,
    )
