"""The runs that are watched from this process."""

import asyncio
import logging
import threading

from temporalio.client import Client

from workerhost.errors import HostStoppingError, TooManyWatchersError
from workerhost.model import Project
from workerhost.runtime.executions.lookup import describe
from workerhost.runtime.executions.watching.run_watch import Look, RunWatch
from workerhost.runtime.executions.watching.viewer import Seen, Viewer
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.words import RunId, WorkflowId

log = logging.getLogger(__name__)


class RunWatches:
    """Lets runs be watched, each by one long poll, however many watch it. Safe to use from any thread.

    The table of runs belongs to the loop of Temporal's connection, the number of watchers to a lock.

    Args:
        temporal: the way to Temporal.
        look: returns the execution of a description.
        most: watchers at once.
    """

    def __init__(self, temporal: TemporalConnection, look: Look, most: int) -> None:
        self._temporal = temporal
        self._look = look
        self._most = most
        self._count = 0
        self._lock = threading.Lock()
        self._is_stopped = False
        self._watches: dict[RunId, tuple[RunWatch, asyncio.Task[None]]] = {}

    def watch(self, project: Project, workflow_id: WorkflowId, seen: Seen | None) -> Viewer:
        """Return a viewer of the latest run of that workflow id; who takes it must have it leave.

        Args:
            project: whose run it is.
            workflow_id: of the run.
            seen: how far it was seen before. That of another run says nothing of this one.

        Raises:
            NotFoundError: the project has no such execution.
            TooManyWatchersError: there are as many watchers as there may be.
            HostStoppingError: this process is about to end.
            TemporalUnavailableError: Temporal does not answer.
        """
        with self._lock:
            if self._count >= self._most:
                raise TooManyWatchersError(self._most)
            self._count += 1
        viewer = Viewer(self._forget)

        async def join(client: Client) -> None:
            described = await describe(client, project, workflow_id)
            if self._is_stopped:  # looked at on the loop, where all watches are ended: none is begun after that
                raise HostStoppingError()
            run_id = RunId(described.run_id)
            viewer.after = seen.event if seen and seen.run_id == run_id else 0
            viewer.run_id = run_id
            if run_id not in self._watches:
                watch = RunWatch(client, project, described, self._look)
                self._watches[run_id] = watch, asyncio.create_task(self._follow(run_id, watch))
            self._watches[run_id][0].add(viewer)

        try:
            self._temporal.call(join)
        except BaseException:
            viewer.leave()
            raise
        return viewer

    def stop(self) -> None:
        """Have all watchers go, and let no more come. May be called again."""
        self._is_stopped = True
        self._temporal.soon(self._end_all)

    def _end_all(self) -> None:
        for watch, task in list(self._watches.values()):
            watch.end()
            task.cancel()

    async def _follow(self, run_id: RunId, watch: RunWatch) -> None:
        try:
            await watch.follow()
        except Exception:
            log.exception("run %s is watched no more", run_id)
        finally:  # nobody can have joined since the last look, as nothing was awaited
            del self._watches[run_id]
            watch.end()

    def _forget(self) -> None:
        with self._lock:
            self._count -= 1
