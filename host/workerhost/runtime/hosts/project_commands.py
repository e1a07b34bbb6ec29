"""Commands on projects: intent goes to the database first, then the call waits to see it happen, on any host."""

import contextlib
import logging
import time

from workerhost.errors import HostStoppingError, StoreUnavailableError, TemporalUnavailableError
from workerhost.model import Project
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.hosts.command_lines import said
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.project_status import (
    ProjectStatus,
    ReportedFailureError,
    project_status,
    status_when_last_seen,
    with_host_deaths,
)
from workerhost.runtime.hosts.worker_waiting import WorkerWaiting, agree
from workerhost.runtime.keyed_locks import KeyedLocks
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.workers.worker_state import WorkerState
from workerhost.store import Store, WorkerRecord
from workerhost.words import DesiredState, WorkerStatus

log = logging.getLogger(__name__)

OLD_WORKERS_SECONDS = 1.0
"""How long a restart waits for the workers that were replaced, once their hosts have looked; those with long
activities end later."""

BATCHES_SECONDS, BATCHES_LOOK_SECONDS = 10.0, 0.1
"""How long a deletion waits for the hosts that work on batches of the project, and how often it looks."""


class ProjectCommands:
    """Commands on projects. Safe to use from any thread; every call may block, for at most its timeout.

    Any host answers for any project: what should be is written into the database, where all hosts look.

    Args:
        store: where the desired state of projects is.
        active_code: makes the build that a start takes.
        loader: proves that this build loads.
        host: of this process.
        waiting: waits for what the workers do.
        schedules: those of projects, which go with them.
    """

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a host that commands need
        self,
        store: Store,
        active_code: ActiveCode,
        loader: BuildLoader,
        host: Host,
        waiting: WorkerWaiting,
        schedules: Schedules,
    ) -> None:
        self._store = store
        self._active_code = active_code
        self._loader = loader
        self._host = host
        self._waiting = waiting
        self._schedules = schedules
        self._starting: KeyedLocks[str] = KeyedLocks()

    def start(self, project_id: str, timeout: float) -> ProjectStatus:
        """Have the project run its active code, and wait until a worker polls; one that has failed tries again.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: it has no workflows.
            BuildRefusedError: its code must not run; the desired state stays as it was.
            WorkerFailedError: the worker could not start.
        """
        return said("start", project_id, self._start(project_id, timeout, restart=False))

    def restart(self, project_id: str, timeout: float) -> ProjectStatus:
        """Give the project new workers on its active code; the old ones drain once the new ones poll.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: it has no workflows.
            BuildRefusedError: its code must not run; the old worker goes on.
            WorkerFailedError: the new worker could not start; the old worker goes on.
        """
        return said("restart", project_id, self._start(project_id, timeout, restart=True))

    def stop(self, project_id: str, timeout: float) -> ProjectStatus:
        """Have the project not run, and wait until its workers have drained.

        Raises:
            NotFoundError: there is no such project.
        """
        project = self._store.projects.set_desired_state(project_id, DesiredState.STOPPED)
        self._look(project_id)
        _, workers = self._waiting.wait(
            project_id, lambda workers: not workers or None, timeout, wanted=DesiredState.STOPPED
        )
        return said("stop", project_id, self._summary(project, workers))

    def status(self, project_id: str) -> ProjectStatus:
        """Return what the project's workers do, on any host; as of the last look where the database is away.

        Raises:
            NotFoundError: there is no such project.
            StoreUnavailableError: the database is away, and the project was not one that should run.
        """
        try:
            project = self._store.projects.get(project_id)
            found = self._summary(project, self._store.workers.alive(project_id))
            deaths = self._store.workers.host_deaths(project_id)
            return with_host_deaths(found, deaths, runs_apart=self._loader.runs_apart(project, deaths))
        except StoreUnavailableError:
            worker = self._host.worker(project_id)
            if worker is not None and worker.state.status != WorkerStatus.STOPPED:
                return self._summary(worker.project, [self._host.rows.record(worker, worker.state)])
            seen = self._host.last_seen(project_id)
            if seen is None:
                raise
            return status_when_last_seen(seen)

    def running(self) -> list[str]:
        """Return the ids of the projects whose worker polls, on any host; those of this one with the database away."""
        try:
            return self._store.workers.running()
        except StoreUnavailableError:
            return self._host.running()

    def reload(self, workflow_id: str, timeout: float) -> str:
        """Have the workflow's project run the code that is active in the tables; return the project's id.

        Raises:
            NotFoundError: there is no such workflow.
            ConflictError: its project has no workflows.
            BuildRefusedError: the active code must not run; the worker goes on with what it has.
            WorkerFailedError: the worker could not start.
            TemporalUnavailableError: the worker does not poll yet.
        """
        project_id = self._store.workflows.project_of(workflow_id)
        state = self.start(project_id, timeout)
        if state.status != WorkerStatus.RUNNING:
            raise TemporalUnavailableError(f"the worker of project {project_id} is {state.status}: {state.error}")
        return project_id

    def delete_project(self, project_id: str, timeout: float) -> None:
        """Stop the project's workers and batches, and delete its schedules and everything that is stored of it.

        Raises:
            NotFoundError: there is no such project.
            TemporalUnavailableError: Temporal does not answer, and nothing was done; or not any more, and the project
                is stopped and still there, with the schedules that are left. Deleting it again goes on.
        """
        project = self._store.projects.get(project_id)
        self._schedules.check(project)
        self.stop(project_id, timeout)
        self._stop_batches(project_id)
        self._schedules.delete_all(project)
        self._store.projects.delete(project_id)
        log.info("project %s is deleted", project_id, extra={"project": project_id})

    def _stop_batches(self, project_id: str) -> None:
        """Have no batch start anything that would be left behind; one of a host that is gone is not waited for."""
        deadline = time.monotonic() + BATCHES_SECONDS
        while self._store.batches.stop_all(project_id) and time.monotonic() < deadline:
            time.sleep(BATCHES_LOOK_SECONDS)

    def _start(self, project_id: str, timeout: float, *, restart: bool) -> ProjectStatus:
        with self._starting.hold(project_id):  # two calls here that find a failed worker replace it once
            known = self._store.projects.get(project_id)
            build = self._prepare(known)
            project = self._want_running(known, restart=restart)
            changes = self._host.rows.changes
            self._look(project_id, build)
        if project.pause is not None:
            return self._summary(project, self._store.workers.alive(project_id))  # it starts when it is resumed
        self._host.adopt(project_id, project.deployment)
        answer, workers = self._waiting.wait(
            project_id,
            lambda workers: _outcome(workers, project),
            timeout,
            wanted=DesiredState.RUNNING,
            since=changes if self._is_starting_here(project_id) else None,
        )
        if isinstance(answer, WorkerRecord):
            raise ReportedFailureError(answer)
        if answer is None:
            project = self._store.projects.get(project_id)
        elif restart:
            self._look(project_id)  # which ends the workers that have been replaced
            # A task that a worker is handed in the moment in which it ends waits for its timeout, so who starts an
            # execution after this answer should not meet one.
            _, workers = self._waiting.wait(
                project_id,
                lambda found: _have_old_ones_ended(found, project),
                OLD_WORKERS_SECONDS + self._host.look_interval,
                wanted=DesiredState.RUNNING,
            )
        return self._summary(project, _present(workers, project))

    def _prepare(self, project: Project) -> ProjectBuild | None:
        """Check the active code, make its build the current one, and load it if possible: the proof that it loads."""
        summary = self._active_code.deploy(project)
        worker = self._host.worker(project.id)
        known = worker.builds.cache.loaded(summary.id) if worker else None
        loaded = known or self._loader.try_load(project, summary)
        if worker is not None and loaded is not None:
            worker.builds.cache.keep(loaded)
        return loaded

    def _want_running(self, known: Project, *, restart: bool) -> Project:
        # Most starts are repeated ones, and need not write.
        project = self._store.projects.get(known.id) if known.desired_state == DesiredState.RUNNING else known
        if project.desired_state == DesiredState.RUNNING:
            workers = _present(self._store.workers.alive(known.id), project)
            # One that waits before its next try gives way to one that tries at once.
            is_stuck = bool(workers) and all(
                "error" in worker.details and worker.status != WorkerStatus.RUNNING for worker in workers
            )
            if not restart and not is_stuck:
                return project
            restart = True
        return self._store.projects.set_desired_state(known.id, DesiredState.RUNNING, restart=restart)

    def _look(self, project_id: str, build: ProjectBuild | None = None) -> None:
        """Have this host look at once; the others look within their interval."""
        with contextlib.suppress(HostStoppingError):  # what is wanted is written; the others see it
            self._host.reconcile(project_id, build)

    def _is_starting_here(self, project_id: str) -> bool:
        worker = self._host.worker(project_id)
        return worker is not None and worker.state == WorkerState(WorkerStatus.STARTING)

    def _summary(self, project: Project, workers: list[WorkerRecord]) -> ProjectStatus:
        obstacle = self._host.obstacle(project) if project.desired_state == DesiredState.RUNNING else None
        return project_status(project, workers, obstacle)


def _outcome(workers: list[WorkerRecord], project: Project) -> bool | WorkerRecord | None:
    """Tell whether the project has started; return the worker whose failure is the answer where all have failed."""
    present = _present(workers, project)
    if any(each.status == WorkerStatus.RUNNING for each in present):
        return agree(workers, project.deployment.revision) or None
    if present and all(each.status == WorkerStatus.FAILED for each in present):
        return present[0]
    return None


def _have_old_ones_ended(workers: list[WorkerRecord], project: Project) -> bool | None:
    return all(each.generation >= project.generation for each in workers) or None


def _present(workers: list[WorkerRecord], project: Project) -> list[WorkerRecord]:
    """Return the workers that are not on their way out."""
    return [each for each in workers if each.generation >= project.generation and each.status != WorkerStatus.STOPPING]
