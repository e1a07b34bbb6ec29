"""The workers of one host: those that serve projects, and those that end because another one has taken their place."""

from collections.abc import Iterator

from workerhost.code.loading import LoadedBuild
from workerhost.model import Project
from workerhost.runtime.builds.library import BuildLibrary
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.workers.project_worker import ProjectWorker, WorkerState
from workerhost.runtime.workers.worker_loop import WorkerContext
from workerhost.words import WorkerStatus


class WorkerTable:
    """At most one worker serves a project here. Changed by the host's thread alone; may be read from any.

    Args:
        context: what the workers share.
        rows: where they are recorded.
    """

    def __init__(self, context: WorkerContext, rows: WorkerRows) -> None:
        self._context = context
        self._rows = rows
        self._serving: dict[str, ProjectWorker] = {}
        self._ending: set[ProjectWorker] = set()

    def __iter__(self) -> Iterator[ProjectWorker]:
        """Iterate over the workers that serve a project."""
        return iter(list(self._serving.values()))

    def all(self) -> list[ProjectWorker]:
        """Return all workers, also those whose place another one has taken."""
        return [*self._serving.values(), *self._ending]

    def get(self, project_id: str) -> ProjectWorker | None:
        """Return the worker that serves the project, whatever state it is in."""
        return self._serving.get(project_id)

    def forget_stopped(self) -> None:
        """Leave out workers that have ended."""
        self._serving = {key: worker for key, worker in self._serving.items() if not _has_stopped(worker)}
        self._ending = {worker for worker in self._ending if not _has_stopped(worker)}

    def make(self, project: Project, build: LoadedBuild | None = None) -> ProjectWorker:
        """Return a new worker for the project, which does not run yet.

        Args:
            project: as it is now.
            build: one of its builds, so that the worker need not load it once more.
        """
        known = self._serving.get(project.id)
        # A worker and the one that follows it share their builds, so that both agree on what is deployed.
        library = known.library if known else BuildLibrary(project.id, self._context.libraries)
        if build is not None and build.id == project.current_build:
            library.keep(build)
            if library.deployment is None:
                library.point(project.deployment)
        return ProjectWorker(project, self._context, self._rows.save, library)

    def run(self, worker: ProjectWorker) -> None:
        """Start a worker; one that serves the project ends by itself or is ended."""
        old = self._serving.get(worker.project.id)
        if old is not None:
            self._ending.add(old)
        self._serving[worker.project.id] = worker
        worker.start()

    def stop(self, worker: ProjectWorker) -> None:
        """Have one worker end; does not wait. Safe to call from any thread."""
        if worker.state.status.goes_on:
            if self._serving.get(worker.project.id) is worker:
                worker.library.leave()
            # First, so that it cannot overwrite the worker's own end.
            self._rows.save(worker, WorkerState(WorkerStatus.STOPPING))
            worker.stop()

    def stop_all(self) -> list[ProjectWorker]:
        """Have all workers end, and return those that have not ended before; does not wait."""
        workers = [worker for worker in self.all() if not _has_stopped(worker)]
        # The others have written that they stop, and perhaps already that they have.
        self._rows.save_stopping(worker for worker in workers if worker.state.status.goes_on)
        for worker in workers:
            worker.library.leave()
            worker.stop()
        return workers


def _has_stopped(worker: ProjectWorker) -> bool:
    return worker.state.status == WorkerStatus.STOPPED
