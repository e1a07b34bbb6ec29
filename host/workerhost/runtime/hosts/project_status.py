"""What a project's workers do, all of them together, as the database has it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workerhost.errors import WorkerFailedError
from workerhost.model import Project
from workerhost.runtime.hosts.placement import replicas_of
from workerhost.store import WantedProject, WorkerRecord
from workerhost.store.workers import HostDeath
from workerhost.words import DesiredState, WorkerStatus

BEST_FIRST = (WorkerStatus.RUNNING, WorkerStatus.STARTING, WorkerStatus.FAILED, WorkerStatus.STOPPING)


@dataclass(frozen=True)
class ProjectStatus:
    """One answer for all replicas of a project."""

    project: Project
    status: WorkerStatus
    error: str | None
    worker: WorkerRecord | None
    """The worker that the status speaks of: the one that does best, and the newest of several that do."""
    running: int = 0

    @property
    def replicas(self) -> int:
        """How many workers the project should have."""
        return replicas_of(self.project)


def project_status(project: Project, workers: Sequence[WorkerRecord], obstacle: str | None) -> ProjectStatus:
    """Sum up a project's workers.

    Args:
        project: as it should be.
        workers: those that some host looks after, oldest first.
        obstacle: why no host claims the project, if there is a reason.
    """
    if not workers and project.pause is not None:
        return ProjectStatus(project, WorkerStatus.STOPPED, project.pause.sentence(project.id), None)
    if not workers:
        status = WorkerStatus.STARTING if project.desired_state == DesiredState.RUNNING else WorkerStatus.STOPPED
        return ProjectStatus(project, status, obstacle if status == WorkerStatus.STARTING else None, None)
    running = sum(1 for worker in workers if worker.status == WorkerStatus.RUNNING)
    best = min(reversed(workers), key=lambda worker: BEST_FIRST.index(worker.status))
    return ProjectStatus(project, best.status, best.details.get("error"), best, running)


def status_when_last_seen(seen: WantedProject) -> ProjectStatus:
    """Sum up what a project's workers did when the database was last looked at, for as long as that is away."""
    statuses = [lease.status for lease in seen.leases] or [WorkerStatus.STARTING]
    best = min(statuses, key=BEST_FIRST.index)
    running = statuses.count(WorkerStatus.RUNNING)
    return ProjectStatus(seen.project, best, "the database does not answer; so it was before", None, running)


def with_host_deaths(found: ProjectStatus, deaths: Sequence[HostDeath], *, runs_apart: bool) -> ProjectStatus:
    """Add to a status how often hosts that ran the project have died of late, if any did.

    Args:
        found: the status.
        deaths: of these hosts.
        runs_apart: whether its code has a process of its own since then.
    """
    names = [name for each in deaths for name in each.activities]
    if not names:
        return found
    counted = ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in Counter(names).items())
    sentence = f"a host that ran the project died in the last hour, while these activities ran: {counted}"
    if runs_apart:
        sentence += "; so its code runs in a process of its own, until it is started again after that hour"
    return replace(found, error=f"{found.error}; {sentence}" if found.error else sentence)


class ReportedFailureError(WorkerFailedError):
    """What a worker has failed with, on whichever host it runs."""

    def __init__(self, worker: WorkerRecord) -> None:
        super().__init__(str(worker.details.get("error", "the worker failed")))
        self.code = str(worker.details.get("errorCode", self.code))
        self.status = int(worker.details.get("errorStatus", self.status))
