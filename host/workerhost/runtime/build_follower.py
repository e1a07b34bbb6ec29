"""Has the workers of a host take the builds that have become current."""

import logging
import time
from concurrent.futures import Executor

from workerhost.errors import NotFoundError, WorkerhostError
from workerhost.runtime.project_worker import ProjectWorker
from workerhost.runtime.worker_rows import WorkerRows
from workerhost.store import Store

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""How long a build that does not load is left alone before the next try."""


class BuildFollower:
    """Follows the current builds. `follow_later` and `is_busy` belong to the host's thread, `follow` to any.

    Args:
        store: where the current builds are named.
        rows: where workers say which build they have taken.
        executor: where builds are loaded that the host's thread asks for.
    """

    def __init__(self, store: Store, rows: WorkerRows, executor: Executor) -> None:
        self._store = store
        self._rows = rows
        self._executor = executor
        self._not_before: dict[str, float] = {}

    @property
    def is_busy(self) -> bool:
        """Whether some worker has not taken its build yet."""
        return bool(self._not_before)

    def follow(self, worker: ProjectWorker) -> None:
        """Have new runs of the worker's project take the build that is current by now.

        Blocks for the database, and for loading the build unless the worker's library has it.

        Raises:
            StoreUnavailableError: the database does not answer.
            BuildRefusedError: the build does not load here.
        """
        project_id = worker.project.id
        if worker.library.follow(lambda: self._store.projects.get(project_id).current_build):
            worker.retry()
            self._rows.save_build(worker)

    def follow_later(self, worker: ProjectWorker) -> None:
        """Do so in another thread, unless that is under way or has failed a moment ago."""
        project_id = worker.project.id
        if self._not_before.get(project_id, 0) > time.monotonic():
            return
        self._not_before[project_id] = float("inf")

        def follow() -> None:
            try:
                self.follow(worker)
            except NotFoundError:
                del self._not_before[project_id]  # the project was deleted meanwhile
            except WorkerhostError as error:
                log.warning("project %s keeps its build for now: %s", project_id, error)
                self._not_before[project_id] = time.monotonic() + PAUSE_SECONDS
            else:
                del self._not_before[project_id]

        self._executor.submit(follow)
