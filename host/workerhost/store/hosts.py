"""Queries about hosts and their heartbeats."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from workerhost.store.clock import ago, now
from workerhost.store.database import Database
from workerhost.store.models import HostRow
from workerhost.words import HostId


@dataclass(frozen=True)
class HostRecord:
    """A host as it registered, and how it was at its last heartbeat."""

    id: HostId
    machine: str
    process_space: str
    """Names what hosts share that see each other's process ids: one kernel, one container."""
    process_id: int
    version: str
    capacity: int
    pools: tuple[str, ...]
    started_at: datetime
    """When the host started, by the clock of its machine."""
    plugins: dict[str, str] = field(default_factory=dict)
    """The version of each plugin that works on the host, by the plugin's name."""
    isolation: tuple[str, ...] = ()
    """Names of what the host's machine gives to seal code with."""
    running: int = 0
    is_draining: bool = False
    last_heartbeat: datetime | None = None
    is_late: bool = False
    """Whether the last heartbeat is older than the lease timeout, by the database's clock."""


class HostStore:
    """Hosts. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, host: HostRecord) -> None:
        """Add a host that has just started, or that was taken for dead."""

        def add(session: Session) -> None:
            session.merge(
                HostRow(
                    id=host.id,
                    machine=host.machine,
                    process_space=host.process_space,
                    process_id=host.process_id,
                    version=host.version,
                    capacity=host.capacity,
                    running=host.running,
                    pools=list(host.pools),
                    plugins=host.plugins,
                    isolation=list(host.isolation),
                    is_draining=host.is_draining,
                    started_at=host.started_at,
                    last_heartbeat=now(),
                )
            )

        self._database.write(add)

    def beat(self, host_id: HostId, running: int, *, is_draining: bool) -> bool:
        """Write the heartbeat of the host in one statement; return False where the host is not registered."""
        values = {"last_heartbeat": now(), "running": running, "is_draining": is_draining}
        statement = update(HostRow).where(HostRow.id == host_id).values(values)
        return self._database.write(lambda session: bool(session.execute(statement).rowcount))  # type: ignore[attr-defined]

    def all(self, lease_timeout: float) -> list[HostRecord]:
        """Return all hosts, by machine and start.

        Args:
            lease_timeout: seconds without heartbeat after which a host is late.
        """
        late = (HostRow.last_heartbeat < ago(lease_timeout)).label("is_late")
        query = select(HostRow, late).order_by(HostRow.machine, HostRow.started_at, HostRow.id)
        with self._database.reading() as session:
            return [_record(row, is_late=bool(is_late)) for row, is_late in session.execute(query)]

    def remove(self, host_ids: Iterable[HostId]) -> None:
        """Forget hosts that ended or whose heartbeats have stopped."""
        statement = delete(HostRow).where(HostRow.id.in_(list(host_ids)))
        self._database.write(lambda session: session.execute(statement))


def _record(row: HostRow, *, is_late: bool) -> HostRecord:
    return HostRecord(
        id=row.id,
        machine=row.machine,
        process_space=row.process_space,
        process_id=row.process_id,
        version=row.version,
        capacity=row.capacity,
        pools=tuple(row.pools),
        plugins=row.plugins,
        isolation=tuple(row.isolation),
        running=row.running,
        is_draining=row.is_draining,
        started_at=row.started_at,
        last_heartbeat=row.last_heartbeat,
        is_late=is_late,
    )
