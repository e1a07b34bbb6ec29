"""The logs of projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, SmallInteger, false
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base


class ProjectLogRow(Base):
    """A line of the log of a project.

    It refers to no other row: lines come too fast for that, and those of a project that was deleted go bit by bit.
    """

    __tablename__ = "project_logs"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    """Grows in the order in which lines become visible to others."""
    project_id: Mapped[str]
    at: Mapped[datetime]
    """When the line was made, by the clock of its host."""
    level: Mapped[int] = mapped_column(SmallInteger)
    message: Mapped[str]
    workflow_id: Mapped[str | None]
    run_id: Mapped[str | None]
    workflow_type: Mapped[str | None]
    build_id: Mapped[str | None]
    activity: Mapped[str | None]
    attempt: Mapped[int | None]
    node: Mapped[str | None]
    logger: Mapped[str | None]
    fields: Mapped[Any | None] = mapped_column(JSON)

    __table_args__ = (
        Index("ix_project_logs_project_id", "project_id", "id"),
        Index("ix_project_logs_run_id", "project_id", "run_id", "id"),
        Index("ix_project_logs_workflow_id", "project_id", "workflow_id", "id"),
        {"sqlite_autoincrement": True},  # the id of a line that was deleted is never given again
    )


class ProjectLogSegmentRow(Base):
    """What one host has written to the log of a project in a while: how much, and between which ids.

    Sizes and ages are read from here, so that nothing need look through the lines. Those of a project that was deleted
    stay until its lines are gone.
    """

    __tablename__ = "project_log_segments"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    segment: Mapped[str] = mapped_column(primary_key=True)
    """Made up by its host."""
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    lines: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    is_removed: Mapped[bool] = mapped_column(Boolean, server_default=false())
    """Whether its project was deleted, so that nobody sees the lines any more."""
