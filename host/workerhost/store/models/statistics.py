"""How often code of projects ran, how it ended, and how long it took."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base
from workerhost.words import BuildId


class _Figures:
    """What both tables count, of one period."""

    period: Mapped[str] = mapped_column(primary_key=True)
    """`hour` or `day`."""
    period_start: Mapped[datetime] = mapped_column(primary_key=True)
    host_id: Mapped[str] = mapped_column(primary_key=True)
    """Who wrote it: a host, perhaps with a dot and a number behind its id. Empty after the roll-up."""
    executions: Mapped[int] = mapped_column(BigInteger)
    """Attempts of an activity, or runs, that ended: the sum of how they ended."""
    successes: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(BigInteger)
    timeouts: Mapped[int] = mapped_column(BigInteger)
    cancellations: Mapped[int] = mapped_column(BigInteger)
    retries: Mapped[int] = mapped_column(BigInteger)
    """Those of the executions that were no first attempt."""
    total_duration_ms: Mapped[int] = mapped_column(BigInteger)
    sketch: Mapped[bytes] = mapped_column(LargeBinary)
    """Of the durations in milliseconds: a DDSketch."""
    last_at: Mapped[datetime]
    """When the last of the executions ended, by its host's clock."""


class ActivityStatisticsRow(_Figures, Base):
    """How the attempts of an activity of a project ended in one period, as one host saw it."""

    __tablename__ = "activity_statistics"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    activity_name: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (Index("ix_activity_statistics_period", "period", "period_start"),)


class WorkflowStatisticsRow(_Figures, Base):
    """How the runs of a workflow type ended with one build in one period, as one host saw it."""

    __tablename__ = "workflow_statistics"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    workflow_type: Mapped[str] = mapped_column(primary_key=True)
    build_id: Mapped[BuildId] = mapped_column(primary_key=True)
    continuations: Mapped[int] = mapped_column(BigInteger)
    """Runs that continued as new."""
    history_bytes: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_workflow_statistics_period", "period", "period_start"),)


class WorkerTotalsRow(Base):
    """What has ended of a project on a host since that host began, or the project last stopped there."""

    __tablename__ = "worker_totals"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    host_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    runs: Mapped[int] = mapped_column(BigInteger)
    failed_runs: Mapped[int] = mapped_column(BigInteger)
    activities: Mapped[int] = mapped_column(BigInteger)
    failed_activities: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]
