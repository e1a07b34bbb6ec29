"""The workers of one host: those that serve projects, and those that end because another one has taken their place."""

from collections.abc import Iterator

from workerhost.model import Project
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.workers.context import WorkerContext
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.runtime.workers.worker_state import WorkerState
from workerhost.words import WorkerStatus


class WorkerTable:
    """At most one worker serves a project here. Changed by the host's thread alone; may be read from any.

    Args:
        context: what the workers share.
        builds: what the builds of all projects share.
        rows: where the workers are recorded.
    """

    def __init__(self, context: WorkerContext, builds: BuildsContext, rows: WorkerRows) -> None:
        self._context = context
        self._builds = builds
        self._rows = rows
        self._serving: dict[str, ProjectWorker] = {}
        self._successors: dict[ProjectWorker, ProjectWorker] = {}
        """For each worker whose place another one has taken: that one."""

    def __iter__(self) -> Iterator[ProjectWorker]:
        """Iterate over the workers that serve a project."""
        return iter(list(self._serving.values()))

    def all(self) -> list[ProjectWorker]:
        """Return all workers, also those whose place another one has taken."""
        return [*self._serving.values(), *self._successors]

    def get(self, project_id: str) -> ProjectWorker | None:
        """Return the worker that serves the project, whatever state it is in."""
        return self._serving.get(project_id)

    def successor(self, worker: ProjectWorker) -> ProjectWorker | None:
        """Return the worker that has taken the place of this one, or None where this one serves."""
        return self._successors.get(worker)

    def forget_stopped(self) -> None:
        """Leave out workers that have ended."""
        self._serving = {key: worker for key, worker in self._serving.items() if not _has_stopped(worker)}
        self._successors = {old: new for old, new in self._successors.items() if not _has_stopped(old)}

    def make(self, project: Project, build: ProjectBuild | None = None) -> ProjectWorker:
        """Return a new worker for the project, which does not run yet.

        Args:
            project: as it is now.
            build: one of its builds, so that the worker need not load it once more.
        """
        known = self._serving.get(project.id)
        builds = known.builds if known else ProjectBuilds(project, self._builds)
        builds.cache.follow(project)
        if build is not None and build.id == project.current_build:
            builds.cache.keep(build)
            if builds.deployment.known is None:
                builds.deployment.point(project.deployment)
        return ProjectWorker(project, self._context, self._rows, builds)

    def run(self, worker: ProjectWorker) -> None:
        """Start a worker, which takes the place of the one that serves the project, if there is one."""
        old = self._serving.get(worker.project.id)
        if old is not None:
            self._successors[old] = worker
        self._serving[worker.project.id] = worker
        worker.start()

    def stop(self, worker: ProjectWorker) -> None:
        """Have one worker end; does not wait. Safe to call from any thread."""
        if worker.state.status.goes_on:
            if self._serving.get(worker.project.id) is worker:
                worker.builds.deployment.leave()
            # First, so that it cannot overwrite the worker's own end.
            self._rows.save(worker, WorkerState(WorkerStatus.STOPPING))
            worker.stop()

    def stop_all(self) -> list[ProjectWorker]:
        """Have all workers end, and return those that have not ended before; does not wait."""
        workers = [worker for worker in self.all() if not _has_stopped(worker)]
        # The others have written that they stop, and perhaps already that they have.
        self._rows.save_stopping(worker for worker in workers if worker.state.status.goes_on)
        for worker in workers:
            worker.builds.deployment.leave()
            worker.stop()
        return workers


def _has_stopped(worker: ProjectWorker) -> bool:
    return worker.state.status == WorkerStatus.STOPPED
