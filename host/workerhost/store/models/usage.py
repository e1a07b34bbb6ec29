"""What projects have used, by day."""

from datetime import date

from sqlalchemy import BigInteger, Date, Double, Index
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base


class ProjectUsageRow(Base):
    """What a project used on one day, as one process of a host saw it.

    It does not refer to the project: what was used may have to be billed after the project was deleted.
    """

    __tablename__ = "project_usage"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """In UTC."""
    host_id: Mapped[str] = mapped_column(primary_key=True)
    """Names who wrote the figures; empty for the sum of several."""
    executions: Mapped[int] = mapped_column(BigInteger, server_default="0")
    actions: Mapped[int] = mapped_column(BigInteger, server_default="0")
    activity_seconds: Mapped[float] = mapped_column(Double, server_default="0")
    cpu_seconds: Mapped[float] = mapped_column(Double, server_default="0")
    history_bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    publishes: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (Index("ix_project_usage_day", "day"),)
