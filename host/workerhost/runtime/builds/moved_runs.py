"""The runs of one project that go on with another build than their history names."""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping

from workerhost.runtime.builds.context import BuildsContext
from workerhost.words import BuildId, RunId

log = logging.getLogger(__name__)


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
        self._changing = threading.Lock()
        self._evictors: list[Callable[[RunId], None]] = []

    @property
    def builds(self) -> Mapping[RunId, BuildId]:
        """The build of each run that was moved, as far as is known here."""
        return self._builds

    def build_of(self, run_id: RunId) -> BuildId | None:
        """Return the build that the run was moved to, or None where it was not moved."""
        return self._builds.get(run_id)

    def take_over(self, builds: Mapping[RunId, BuildId]) -> None:
        """Have runs go on with these builds; those whose build is another than before are evicted."""
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
