"""Queries about project workers: the rows that operators look at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from workerhost.store.database import Database
from workerhost.store.models import HostRow, WorkerRow

ALIVE = ("starting", "running", "stopping", "failed")
"""The states of a worker that its host still looks after."""


@dataclass(frozen=True)
class WorkerRecord:
    """A project worker as its host sees it."""

    worker_id: str
    project_id: str
    task_queue: str
    status: str
    host_id: str
    machine: str
    process_id: int
    started_at: datetime
    stopped_at: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)


class WorkerStore:
    """Project workers. Safe to use from any thread; every call may block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, records: Iterable[WorkerRecord]) -> None:
        """Insert or update the workers' rows in one transaction."""
        now = datetime.now(UTC)
        with self._database.writing() as session:
            for record in records:
                session.merge(
                    WorkerRow(
                        worker_id=record.worker_id,
                        project_id=record.project_id,
                        task_queue_name=record.task_queue,
                        status=record.status,
                        host_id=record.host_id,
                        host=record.machine,
                        process_id=record.process_id,
                        started_at=record.started_at,
                        stopped_at=record.stopped_at,
                        last_heartbeat=now,
                        details=record.details,
                    )
                )

    def mark_stale(self, beaten_before: datetime) -> int:
        """Mark as `stopped` every worker whose host has not beaten since, and return how many they were."""
        fresh = select(HostRow.id).where(HostRow.last_heartbeat >= beaten_before)
        return self._mark_stopped(
            WorkerRow.host_id.not_in(fresh) & (WorkerRow.last_heartbeat < beaten_before),
            "the host stopped sending heartbeats",
        )

    def mark_dead(self, host_ids: Iterable[str]) -> int:
        """Mark as `stopped` every worker of hosts whose processes are gone, and return how many they were."""
        return self._mark_stopped(WorkerRow.host_id.in_(list(host_ids)), "the host's process ended without a stop")

    def _mark_stopped(self, condition: Any, reason: str) -> int:
        now = datetime.now(UTC)
        with self._database.writing() as session:
            rows = session.execute(
                update(WorkerRow)
                .where(WorkerRow.status.in_(ALIVE), condition)
                .values(status="stopped", stopped_at=now, details={"reason": reason})
            )
            return rows.rowcount  # type: ignore[attr-defined,no-any-return]
