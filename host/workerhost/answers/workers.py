"""Answers about the workers of projects."""

from workerhost.answers.base import Answer, CommandResult, OrText, Time
from workerhost.words import BuildId, HostId, WorkerId, WorkerStatus


class ReplicasInfo(Answer):
    """How many workers a project should have, and how many of them run."""

    wanted: int
    running: int


class WorkerTotalsInfo(Answer):
    """What has ended of a project on a host since that host began, or the project last stopped there."""

    runs: int
    failed_runs: int
    activities: int
    """Attempts of activities."""
    failed_activities: int
    """Those that failed or timed out."""


class WorkerInfo(Answer):
    """What a project's worker does."""

    project_id: str
    status: OrText[WorkerStatus]
    is_running: bool
    worker_id: WorkerId | None = None
    task_queue: str
    host_id: HostId | None = None
    build_id: BuildId | None = None
    """The build that new runs take."""
    started_at: Time | None = None
    last_heartbeat: Time | None = None
    error: str | None = None
    replicas: ReplicasInfo | None = None
    totals: WorkerTotalsInfo | None = None
    """Of the host that `host_id` names; None where nothing has ended there yet."""


class WorkerList(Answer):
    """The ids of the projects whose worker takes tasks."""

    workers: tuple[str, ...]
    count: int


class WorkerCommandResult(CommandResult):
    """What starting, stopping or restarting a worker came to."""

    status: OrText[WorkerStatus] | None = None
    """What the worker does at the moment, where it goes on to start or stop; None once that is done."""
