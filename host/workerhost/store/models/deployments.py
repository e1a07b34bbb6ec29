"""Which builds runs take, and what is done with many runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base, Prose
from workerhost.words import BuildId, HostId, RunId, WorkflowId


class DeploymentEventRow(Base):
    """Something that changed which builds the runs of a project take."""

    __tablename__ = "deployment_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    build: Mapped[BuildId | None]
    message: Mapped[str] = mapped_column(Prose)


class RampOutcomeRow(Base):
    """How the runs of one build have ended during a ramp, as one host saw it."""

    __tablename__ = "ramp_outcomes"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    ramp: Mapped[int] = mapped_column(primary_key=True)
    """The deployment's revision at which the ramp began."""
    build: Mapped[BuildId] = mapped_column(primary_key=True)
    host_id: Mapped[HostId] = mapped_column(primary_key=True)
    ended: Mapped[int]
    failed: Mapped[int]


class MovedRunRow(Base):
    """A run that goes on with another build than its history names; kept, since a query may ask for it later."""

    __tablename__ = "moved_runs"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[RunId] = mapped_column(primary_key=True)
    workflow_id: Mapped[WorkflowId]
    workflow_type: Mapped[str]
    from_build: Mapped[BuildId]
    """The build that its history names."""
    to_build: Mapped[BuildId]
    moved_at: Mapped[datetime]


class ResetRow(Base):
    """A reset that is under way, whose new run is to go on with another build than its history names."""

    __tablename__ = "resets"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    workflow_id: Mapped[WorkflowId] = mapped_column(primary_key=True)
    run_id: Mapped[RunId]
    """The run that is reset."""
    began_at: Mapped[datetime]


class BuildMoveRow(Base):
    """A move of all open runs of a build, under way or ended."""

    __tablename__ = "build_moves"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    from_build: Mapped[BuildId]
    to_build: Mapped[BuildId]
    status: Mapped[str] = mapped_column(index=True)
    host_id: Mapped[HostId]
    total: Mapped[int] = mapped_column(server_default="0")
    moved: Mapped[int] = mapped_column(server_default="0")
    not_moved: Mapped[list[Any]] = mapped_column(JSON, server_default=text("'[]'"))
    message: Mapped[str] = mapped_column(Prose, server_default=text("''"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BatchRow(Base):
    """Something that is done with many executions, in the background: waiting, under way or ended."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    operation: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """What is to be done, and with which executions: megabytes of many starts. Empty when the batch has ended."""
    status: Mapped[str] = mapped_column(index=True)
    host_id: Mapped[HostId | None]
    """The host that works on it, or has worked on it last."""
    total: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[list[Any]] = mapped_column(JSON, server_default=text("'[]'"))
    """The first ones that failed, with why."""
    position: Mapped[str] = mapped_column(server_default=text("''"))
    """Where it goes on: what is before that is counted. Empty before its first look."""
    message: Mapped[str] = mapped_column(Prose, server_default=text("''"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
