"""The tables. Names and columns are a contract with products that write code rows themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, MetaData, String, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from workerhost.words import BuildId, DesiredState, HostId, RunId, WorkerId, WorkflowId


class UtcDateTime(TypeDecorator[datetime]):
    """Points in time, always aware and in UTC, also on SQLite, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. SQLite stores it without a time zone."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` with the time zone UTC, which SQLite leaves out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text for people, which may quote what a project's code says: what a database cannot store is replaced in it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return `value` without NUL characters, which PostgreSQL refuses, and without halves of surrogate pairs."""
        return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class ForeignJson(TypeDecorator[Any]):
    """JSON that products write: where it does not parse, it is read as the text that stands there."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a value; PostgreSQL takes no other text than JSON, and SQLite any."""
        read = super().result_processor(dialect, coltype)

        def read_or_keep(value: Any) -> Any:
            try:
                return read(value) if read else value
            except ValueError:
                return value

        return read_or_keep


class Base(DeclarativeBase):
    """Naming constraints keeps migrations the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        BuildId: String,
        HostId: String,
        RunId: String,
        WorkerId: String,
        WorkflowId: String,
    }


class ProjectRow(Base):
    """A tenant and the state it should be in."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default=text("''"))
    task_queue_name: Mapped[str] = mapped_column(unique=True)
    desired_state: Mapped[str] = mapped_column(server_default=DesiredState.STOPPED)
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    current_build: Mapped[BuildId | None]
    generation: Mapped[int] = mapped_column(server_default="0")
    """Counts the restarts that were asked for; a worker of an earlier generation is replaced."""
    deployment_revision: Mapped[int] = mapped_column(server_default="0")
    """Counts the changes of which builds new runs take, and of which runs were moved."""
    ramp: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    paused_at: Mapped[datetime | None]
    """Since when its runs wait; null where they go on."""
    pause_reason: Mapped[str | None] = mapped_column(Prose)


class WorkflowRow(Base):
    """A named workflow of a project."""

    __tablename__ = "workflows"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]

    __table_args__ = (Index("uq_workflows_project_id_name", "project_id", "name", unique=True),)


class CompiledCodeRow(Base):
    """One version of a workflow's compiled code; at most one version of a workflow is active."""

    __tablename__ = "workflow_compiled_code"

    workflow_id: Mapped[str] = mapped_column(ForeignKey("workflows.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    workflow_code: Mapped[str]
    activities_code: Mapped[str | None]
    modules: Mapped[Any | None] = mapped_column(ForeignJson)
    """Further modules: an object of sources by name, or null."""
    is_active: Mapped[bool] = mapped_column(server_default=text("false"))
    compiled_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        Index(
            "uq_workflow_compiled_code_active",
            "workflow_id",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
    )


class BuildRow(Base):
    """A build that passed its checks: its sources, kept for as long as a run may ask for it."""

    __tablename__ = "builds"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[BuildId] = mapped_column("digest", primary_key=True)
    """Names the build: the digest of its modules."""
    modules: Mapped[dict[str, Any]]
    workflow_types: Mapped[list[str]]
    activity_names: Mapped[list[str]]
    created_at: Mapped[datetime]
    required_plugins: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    versions: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The version of each workflow in the build, as it was when the build last became current."""
    became_current_at: Mapped[datetime | None]
    types: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    """What its workflow types and activities take and return; None for a build of an earlier version."""


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


class WebhookRow(Base):
    """An address of a project that others call, and what becomes of their calls."""

    __tablename__ = "webhooks"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    workflow_type: Mapped[str | None]
    message_name: Mapped[str | None]
    """The name of the signal or the update."""
    workflow_id: Mapped[str | None]
    args: Mapped[list[Any]] = mapped_column(JSON)
    start_args: Mapped[list[Any]] = mapped_column(JSON)
    authentication: Mapped[dict[str, Any]]
    """How callers are known, without the secret."""
    secret: Mapped[str | None]
    rate_per_minute: Mapped[int]


class ActivityStatisticsRow(Base):
    """How often an activity of a project ran in one hour, and how often it failed."""

    __tablename__ = "activity_statistics"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    activity_name: Mapped[str] = mapped_column(primary_key=True)
    period_start: Mapped[datetime] = mapped_column(primary_key=True)
    executions: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    total_duration_ms: Mapped[int] = mapped_column(server_default="0")
