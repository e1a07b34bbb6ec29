"""Projects, and what they own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base, ForeignJson, Prose
from workerhost.words import BuildId, DesiredState


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
    triggers_revision: Mapped[int] = mapped_column(server_default="0")
    """The `deployment_revision` whose triggers are set up; another one where something is to be done about them."""
    triggers_held_at: Mapped[datetime | None]
    """Since when a host sets them up; null where none does."""
    loaded_triggers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Those of drawings that another code loader than the database brought, by workflow; null where there is none."""

    __table_args__ = (
        Index(
            "ix_projects_triggers_left",
            "id",
            sqlite_where=text("triggers_revision <> deployment_revision"),
            postgresql_where=text("triggers_revision <> deployment_revision"),
        ),
    )


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
    source: Mapped[Any | None] = mapped_column(ForeignJson)
    """The drawing that the code was compiled from, as it was sent: an object of `format` and `document`, or null."""
    compiled: Mapped[Any | None] = mapped_column(ForeignJson)
    """What the compiler said of the drawing: an object of `compiler`, `map`, `warnings` and `triggers`, or null."""
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
