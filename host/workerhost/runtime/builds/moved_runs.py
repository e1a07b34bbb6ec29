"""The runs of one project that go on with another build than their history names."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.builds.cache import BuildUnavailableError
from workerhost.runtime.builds.context import BuildsContext
from workerhost.words import BuildId, RunId, WorkflowId

log = logging.getLogger(__name__)

RESET_SECONDS, RESET_LOOK_SECONDS = 1.0, 0.02
"""How long a task of a run that may come of a reset waits for its build, since the SDK takes one of two seconds for
dead; and how often that is looked up."""


class MovedRuns:
    """Builds by run id, and the ways to have a run take its build anew. Safe to use from any thread.

    Args:
        project_id: whose runs they are.
        context: what the builds of all projects share.
    """

    def __init__(self, project_id: str, context: BuildsContext) -> None:
        self._project_id = project_id
        self._store = context.store
        self._executor = context.executor
        self._builds: Mapping[RunId, BuildId] = {}
        self._resets: Mapping[WorkflowId, RunId] = {}
        self._changing = threading.Lock()
        self._evictors: list[Callable[[RunId], None]] = []

    @property
    def builds(self) -> Mapping[RunId, BuildId]:
        """The build of each run that was moved, as far as is known here."""
        return self._builds

    def build_of(self, run_id: RunId) -> BuildId | None:
        """Return the build that the run was moved to, or None where it was not moved."""
        return self._builds.get(run_id)

    @property
    def resets(self) -> Mapping[WorkflowId, RunId]:
        """The runs that are being reset, by workflow id: it is not known yet which runs follow them, on which build."""
        return self._resets

    def find(self, workflow_id: WorkflowId, run_id: RunId) -> BuildId | None:
        """Return the build that a run was moved to, or None; waits where a reset may be about to say it.

        Raises:
            BuildUnavailableError: that is not decided yet, or cannot be looked up.
        """
        known = self._builds.get(run_id)
        reset = self._resets.get(workflow_id)
        if known is not None or reset is None or reset == run_id:
            return known
        try:
            found = self._executor.submit(self._wait_for_reset, workflow_id, run_id).result(RESET_SECONDS)
        except (TimeoutError, StoreUnavailableError) as error:
            raise BuildUnavailableError(
                f"execution {workflow_id} is being reset, and the build of its new run is not known yet; "
                "the task will be tried again"
            ) from error
        if found is not None:
            with self._changing:
                self._builds = {**self._builds, run_id: found}
        return found

    def _wait_for_reset(self, workflow_id: WorkflowId, run_id: RunId) -> BuildId | None:
        deadline = time.monotonic() + RESET_SECONDS
        while True:
            found, is_open = self._store.resets.build_of(self._project_id, workflow_id, run_id)
            if found is not None or not is_open:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(RESET_LOOK_SECONDS)

    def take_over(self, builds: Mapping[RunId, BuildId], resets: Mapping[WorkflowId, RunId]) -> None:
        """Have runs go on with these builds; those whose build is another than before are evicted.

        Args:
            builds: of the runs that were moved.
            resets: the runs that are being reset, by workflow id.
        """
        self._resets = resets
        with self._changing:
            known, self._builds = self._builds, builds
        for run_id in {key for key in builds.keys() | known.keys() if builds.get(key) != known.get(key)}:
            self.evict(run_id)

    def go_back(self, run_id: RunId, reason: str) -> None:
        """Have a moved run go on with the build that its history names, since it does not replay on the other one."""
        with self._changing:
            build_id = self._builds.get(run_id)
            self._builds = {key: value for key, value in self._builds.items() if key != run_id}
        log.warning("project %s: run %s goes back from build %s: %s", self._project_id, run_id, build_id, reason)
        self._executor.submit(self._write_return, run_id, reason)

    def evict(self, run_id: RunId) -> None:
        """Have the workers forget a cached run, so that its next task is replayed from its history."""
        for evictor in list(self._evictors):
            with contextlib.suppress(Exception):  # a worker that has ended in this moment has nothing cached
                evictor(run_id)

    def add_evictor(self, evictor: Callable[[RunId], None]) -> Callable[[], None]:
        """Add a worker's way to forget a cached run; return what takes it away again."""
        self._evictors.append(evictor)
        return lambda: self._evictors.remove(evictor)

    def _write_return(self, run_id: RunId, reason: str) -> None:
        try:
            self._store.moves.return_run(self._project_id, run_id, reason)
        except Exception as error:
            # Whoever still believes in the move finds out in the same way.
            log.warning("that run %s went back is not written: %s", run_id, error)
