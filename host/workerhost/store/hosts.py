"""Queries about hosts and their heartbeats."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update

from workerhost.store.database import Database
from workerhost.store.models import HostRow, WorkerRow
from workerhost.store.workers import ALIVE


@dataclass(frozen=True)
class HostRecord:
    """A host as it registered."""

    id: str
    process_id: int
    started_at: datetime


class HostStore:
    """Hosts. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, host_id: str, machine: str, process_id: int) -> None:
        """Add a host that has just started."""
        now = datetime.now(UTC)
        with self._database.writing() as session:
            session.merge(
                HostRow(id=host_id, machine=machine, process_id=process_id, started_at=now, last_heartbeat=now)
            )

    def beat(self, host_id: str) -> bool:
        """Write the heartbeat of the host and of all its workers; False where the host is not registered."""
        now = datetime.now(UTC)
        with self._database.writing() as session:
            hosts = session.execute(update(HostRow).where(HostRow.id == host_id).values(last_heartbeat=now))
            session.execute(
                update(WorkerRow)
                .where(WorkerRow.host_id == host_id, WorkerRow.status.in_(ALIVE))
                .values(last_heartbeat=now)
            )
            return bool(hosts.rowcount)  # type: ignore[attr-defined]

    def on_machine(self, machine: str) -> list[HostRecord]:
        """Return the hosts that registered on that machine and were not removed since."""
        with self._database.reading() as session:
            rows = session.scalars(select(HostRow).where(HostRow.machine == machine))
            return [HostRecord(row.id, row.process_id, row.started_at) for row in rows]

    def remove(self, host_ids: list[str]) -> None:
        """Forget hosts that ended."""
        with self._database.writing() as session:
            for host_id in host_ids:
                row = session.get(HostRow, host_id)
                if row is not None:
                    session.delete(row)
