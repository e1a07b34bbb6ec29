"""Has the workers of a host follow the deployments of their projects."""

import logging
import time
from concurrent.futures import Executor

from workerhost.errors import NotFoundError, WorkerhostError
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.service_log.repeated_failures import RepeatedFailures

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
"""How long a deployment whose builds do not load is left alone before the next try."""


class DeploymentFollower:
    """Has workers follow deployments in other threads. Belongs to the host's thread.

    Args:
        executor: where builds are loaded that the host's thread asks for.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._not_before: dict[str, float] = {}
        self._failures = RepeatedFailures(log)

    @property
    def is_busy(self) -> bool:
        """Whether some worker has not taken its deployment over yet."""
        # Where it is still needed, the looks after a pause ask for it again; one that is not, is over a pause later.
        ended = time.monotonic() - PAUSE_SECONDS
        return any(until > ended for until in list(self._not_before.values()))

    def follow_later(self, worker: ProjectWorker) -> None:
        """Have `follow` run in another thread, unless it runs there already or has failed a moment ago."""
        project_id = worker.project.id
        if self._not_before.get(project_id, 0) > time.monotonic():
            return
        self._not_before[project_id] = float("inf")

        def try_to_follow() -> None:
            try:
                follow(worker)
            except NotFoundError:
                del self._not_before[project_id]  # the project was deleted meanwhile
            except BaseException as error:  # whatever it is, the worker must be able to follow later
                trace = None if isinstance(error, WorkerhostError) else error
                sentence = f"project {project_id} keeps its deployment for now: {error}"
                self._failures.note(project_id, sentence, error=trace, project=project_id)
                self._not_before[project_id] = time.monotonic() + PAUSE_SECONDS
            else:
                del self._not_before[project_id]
                sentence = f"project {project_id} follows its deployment again"
                self._failures.over(project_id, sentence, project=project_id)

        self._executor.submit(try_to_follow)


def follow(worker: ProjectWorker) -> None:
    """Have new runs of the worker's project take what is deployed by now, and say so in the worker's row.

    A worker that has failed tries again where that is new. Blocks for the database, and for loading builds that are
    not in memory. May be called from any thread.

    Raises:
        StoreUnavailableError: the database does not answer.
        NotFoundError: the project is gone.
        BuildRefusedError: a build does not load here.
    """
    if worker.follow_deployment():
        worker.retry()
