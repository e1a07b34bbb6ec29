"""Variables that are kept for projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base


class VariableRow(Base):
    """A variable of a project. One that was deleted stays for a while, so that its version is never given twice."""

    __tablename__ = "project_variables"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    size: Mapped[int]
    """Bytes of the value as JSON."""
    version: Mapped[int] = mapped_column(BigInteger)
    """Counts the changes, from 1."""
    updated_at: Mapped[datetime]
    is_deleted: Mapped[bool]


class VariableChangeRow(Base):
    """A change that was made, so that it is not made again where it is asked for again."""

    __tablename__ = "variable_changes"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    change_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    name: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    """Which the variable had after it."""
    applied_at: Mapped[datetime]

    __table_args__ = (Index("ix_variable_changes_applied_at", "applied_at"),)
