"""Hosts, and the workers that they run."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base
from workerhost.words import BuildId, HostId, WorkerId


class HostRow(Base):
    """A process that runs project workers; the row goes when it ends, or when its heartbeats have stopped."""

    __tablename__ = "hosts"

    id: Mapped[HostId] = mapped_column(primary_key=True)
    machine: Mapped[str]
    process_id: Mapped[int]
    started_at: Mapped[datetime]
    last_heartbeat: Mapped[datetime] = mapped_column(index=True)
    process_space: Mapped[str] = mapped_column(server_default="")
    """Names what hosts share that see each other's process ids: one kernel, one container."""
    version: Mapped[str] = mapped_column(server_default="")
    capacity: Mapped[int] = mapped_column(server_default="0")
    running: Mapped[int] = mapped_column(server_default="0")
    pools: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    plugins: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    is_draining: Mapped[bool] = mapped_column(server_default=text("false"))
    isolation: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    """Names of what the host's machine gives to seal code with."""


class WorkerRow(Base):
    """A project worker on a host: what operators look at, and the lease on its project while `replica` is set.

    Of each project, every replica (0, 1, …) is leased once at most; the unique index is what makes claims atomic.
    """

    __tablename__ = "workflow_workers"

    worker_id: Mapped[WorkerId] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(index=True)
    task_queue_name: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    host_id: Mapped[HostId] = mapped_column(index=True)
    host: Mapped[str]
    process_id: Mapped[int]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    last_heartbeat: Mapped[datetime]
    details: Mapped[dict[str, Any]] = mapped_column("metadata")
    replica: Mapped[int | None]
    generation: Mapped[int] = mapped_column(server_default="0")
    build_id: Mapped[BuildId | None]
    deployment_revision: Mapped[int] = mapped_column(server_default="0")
    """The revision of the project's deployment that the worker follows."""

    __table_args__ = (Index("uq_workflow_workers_lease", "project_id", "replica", unique=True),)
