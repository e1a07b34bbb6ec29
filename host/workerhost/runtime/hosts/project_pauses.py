"""Pausing projects: their workers end and their runs wait, on whichever host, until they are resumed."""

import contextlib
import logging

from workerhost.errors import HostStoppingError
from workerhost.model import Project
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.worker_waiting import WorkerWaiting
from workerhost.store import Store, WorkerRecord
from workerhost.words import DesiredState, WorkerStatus

log = logging.getLogger(__name__)


class ProjectPauses:
    """Pauses of projects. Safe to use from any thread; every call may block, for at most its timeout.

    A pause leaves the desired state as it is: what should run waits, and runs again when the project is resumed.

    Args:
        store: where pauses are, in which all hosts look.
        host: of this process.
        waiting: waits for what the workers do.
    """

    def __init__(self, store: Store, host: Host, waiting: WorkerWaiting) -> None:
        self._store = store
        self._host = host
        self._waiting = waiting

    def pause(self, project_id: str, reason: str | None, timeout: float) -> tuple[Project, bool]:
        """Have the project's runs wait, and wait until its workers have drained; tell whether they have.

        Raises:
            NotFoundError: there is no such project.
        """
        project = self._store.projects.pause(project_id, reason)
        log.info("project %s is paused", project_id, extra={"project": project_id, "reason": reason})
        self._look(project_id)
        _, workers = self._waiting.wait(project_id, lambda found: not found or None, timeout)
        return project, not workers

    def resume(self, project_id: str, timeout: float) -> tuple[Project, bool]:
        """Have the project's runs go on, and wait until a worker polls if one should; tell whether that is so.

        Raises:
            NotFoundError: there is no such project.
        """
        project = self._store.projects.resume(project_id)
        log.info("project %s goes on after its pause", project_id, extra={"project": project_id})
        self._look(project_id)
        if project.desired_state != DesiredState.RUNNING:
            return project, True
        found, _ = self._waiting.wait(project_id, _polls, timeout, wanted=DesiredState.RUNNING)
        return project, found is not None

    def _look(self, project_id: str) -> None:
        """Have this host look at once; the others look within their interval."""
        with contextlib.suppress(HostStoppingError):
            self._host.reconcile(project_id)


def _polls(workers: list[WorkerRecord]) -> bool | None:
    return any(each.status == WorkerStatus.RUNNING for each in workers) or None
