"""Has the workers of a host follow the deployments of their projects."""

import logging
import time
from concurrent.futures import Executor

from workerhost.errors import NotFoundError, WorkerhostError
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.workers.project_worker import ProjectWorker

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""How long a deployment whose builds do not load is left alone before the next try."""


class DeploymentFollower:
    """Follows deployments. `follow_later` and `is_busy` belong to the host's thread, `follow` to any.

    Args:
        rows: where workers say which deployment they have taken over.
        executor: where builds are loaded that the host's thread asks for.
    """

    def __init__(self, rows: WorkerRows, executor: Executor) -> None:
        self._rows = rows
        self._executor = executor
        self._not_before: dict[str, float] = {}

    @property
    def is_busy(self) -> bool:
        """Whether some worker has not taken its deployment over yet."""
        return bool(self._not_before)

    def follow(self, worker: ProjectWorker) -> None:
        """Have new runs of the worker's project take what is deployed by now, and say so in the worker's row.

        Looks again until nothing is new: what is deployed after the row was written is seen by the look after that, or
        whoever deploys it sees the row. Blocks for the database, and for loading builds that are not in memory.

        Raises:
            StoreUnavailableError: the database does not answer.
            NotFoundError: the project is gone.
            BuildRefusedError: a build does not load here.
        """
        if self.take_over(worker):
            worker.retry()

    def take_over(self, worker: ProjectWorker) -> bool:
        """Do so without a worker that has failed trying again; tell whether anything was new."""
        is_new = False
        while worker.library.follow() or not self._rows.has_deployment(worker):
            self._rows.save_deployment(worker)
            is_new = True
        return is_new

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
            except Exception as error:
                trace = None if isinstance(error, WorkerhostError) else error
                log.warning("project %s keeps its deployment for now: %s", project_id, error, exc_info=trace)
                self._not_before[project_id] = time.monotonic() + PAUSE_SECONDS
            else:
                del self._not_before[project_id]

        self._executor.submit(follow)
