"""The builds of one project that are loaded in this process, and which of them a run takes."""

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakValueDictionary

from workerhost.code.loading import LoadedBuild
from workerhost.errors import StoreUnavailableError
from workerhost.model import Deployment
from workerhost.runtime.builds.ramp_outcomes import RampOutcomes
from workerhost.runtime.builds.single_flight import SingleFlight
from workerhost.words import BuildId, RunId, WorkflowId

log = logging.getLogger(__name__)

FETCH_SECONDS = 1.5
"""How long a workflow task waits for a build that is fetched: less than the 2 s at which the SDK sees a deadlock."""

ASK_SECONDS = 1.0
"""How long a workflow task waits for the database where this process may not know the current build."""

PAUSE_SECONDS = 2.0
"""How long the database is not asked again after it did not answer."""


class BuildUnavailableError(Exception):
    """A run's build is not at hand; the workflow task fails with this sentence and Temporal tries it again."""


class BuildSource(Protocol):
    """Where a library has builds and deployments from. Every call may block."""

    def fetch(self, project_id: str, build_id: BuildId) -> LoadedBuild | None:
        """Return the build of that id, or None where there is none."""

    def deployment(self, project_id: str) -> tuple[Deployment, dict[RunId, BuildId]]:
        """Return the project's deployment, and the builds of the runs that were moved."""

    def return_run(self, project_id: str, run_id: RunId, reason: str) -> None:
        """Write that a moved run goes back to the build that its history names."""


@dataclass(frozen=True)
class LibraryContext:
    """What the libraries of a host share.

    Attributes:
        source: where builds and deployments come from.
        executor: where the source is asked.
        is_trusted: tells whether what this host has seen of deployments is so recent that no publish can have been
            answered without it.
        most_loaded: builds that one library keeps in memory while nothing uses them.
    """

    source: BuildSource
    executor: Executor
    is_trusted: Callable[[], bool]
    most_loaded: int


class BuildLibrary:
    """Builds by id, and the deployment, which says what new runs take.

    Used from the threads of workflow tasks and activities, which take builds, and from those of whoever publishes. A
    build_id that is not here yet is fetched once. Builds that nothing uses are let go, the least recently used first;
    one that a cached run or an activity still uses stays until that is over.

    Args:
        project_id: for the sentences of errors.
        context: what the libraries of a host share.
    """

    def __init__(self, project_id: str, context: LibraryContext) -> None:
        self.project_id = project_id
        self.outcomes = RampOutcomes()
        self._context = context
        self._lock = threading.Lock()
        self._following = threading.Lock()
        self._kept: OrderedDict[BuildId, LoadedBuild] = OrderedDict()
        self._in_use: WeakValueDictionary[BuildId, LoadedBuild] = WeakValueDictionary()
        self._fetching: SingleFlight[BuildId, LoadedBuild | None] = SingleFlight(context.executor)
        self._asking: SingleFlight[None, bool] = SingleFlight(context.executor)
        self._deployment: Deployment | None = None
        self._moved: dict[RunId, BuildId] = {}
        self._seen_revision = 0
        self._asks_from = 0.0
        self._is_left = False
        self._evictors: list[Callable[[RunId], None]] = []

    @property
    def deployment(self) -> Deployment | None:
        """What new runs take, as far as is known here; None before that was looked up."""
        return self._deployment

    @property
    def moved(self) -> dict[RunId, BuildId]:
        """The build of each run that was moved, by run id. Not to be changed."""
        return self._moved

    def keep(self, build: LoadedBuild) -> None:
        """Have `build` at hand."""
        with self._lock:
            self._in_use[build.id] = build
            self._kept[build.id] = build
            self._kept.move_to_end(build.id)
            pinned = self._deployment.builds if self._deployment else ()
            unpinned = [build_id for build_id in self._kept if build_id not in pinned and build_id != build.id]
            for build_id in unpinned[: max(0, len(self._kept) - self._context.most_loaded)]:
                del self._kept[build_id]

    def loaded(self, build_id: BuildId) -> LoadedBuild | None:
        """Return the build of that id if it is in memory; never blocks."""
        with self._lock:
            found = self._kept.get(build_id)
            if found is not None:
                self._kept.move_to_end(build_id)
                return found
            return self._in_use.get(build_id)

    def drop(self, build_id: BuildId) -> None:
        """Let a build go that no open run needs; it comes back on demand. Never the current or the ramping one."""
        with self._lock:
            if self._deployment is None or build_id not in self._deployment.builds:
                self._kept.pop(build_id, None)

    def kept(self) -> list[BuildId]:
        """Return the ids of the builds that stay in memory without being used, the least recently used first."""
        with self._lock:
            return list(self._kept)

    def get(self, build_id: BuildId) -> LoadedBuild:
        """Return the build of that id; blocks for at most `FETCH_SECONDS` where it must be fetched.

        Raises:
            BuildUnavailableError: it does not exist, or could not be fetched in time.
        """
        return self.loaded(build_id) or self._fetched(build_id)

    def choose(self, workflow_id: WorkflowId, workflow_type: str) -> LoadedBuild:
        """Return the build that a new run takes.

        Raises:
            BuildUnavailableError: there is none yet, or it could not be fetched in time.
        """
        if not self._is_up_to_date():
            self._ask()
        deployment = self._deployment
        chosen = deployment.choose(workflow_id) if deployment else None
        if deployment is None or chosen is None:
            raise BuildUnavailableError("the project has no current build yet; the task will be tried again")
        build = self.get(chosen)
        if build.definitions.workflow(workflow_type) is None:  # a ramp may bring a workflow, or take one away
            others = (self.get(build_id) for build_id in deployment.builds if build_id != chosen)
            return next((other for other in others if other.definitions.workflow(workflow_type)), build)
        return build

    def point(self, deployment: Deployment, moved: dict[RunId, BuildId] | None = None) -> None:
        """Have new runs follow `deployment` from now on, and moved runs go on with their builds.

        Args:
            deployment: whose builds are kept.
            moved: build by run id of the runs that were moved; what is known of them stays where it is not given.
        """
        self._deployment = deployment
        self._seen_revision = max(self._seen_revision, deployment.revision)
        self.outcomes.follow(deployment.ramp)
        if moved is not None and moved != self._moved:
            changed = {key for key in moved.keys() | self._moved.keys() if moved.get(key) != self._moved.get(key)}
            self._moved = moved
            for run_id in changed:
                self.evict(run_id)

    def follow(self) -> bool:
        """Take over the deployment that is the project's by now; tell whether that is another than before.

        Callers take turns, and each reads anew, so that an older answer never overtakes a newer one. Blocks.

        Raises:
            StoreUnavailableError: the database does not answer.
            NotFoundError: the project is gone.
            BuildRefusedError: a build does not load here; what was known stays.
        """
        with self._following:
            deployment, moved = self._context.source.deployment(self.project_id)
            if deployment == self._deployment and moved == self._moved:
                return False
            for build_id in deployment.builds:
                self._fetch(build_id)
            self.point(deployment, moved)
            return True

    def note_seen(self, deployment: Deployment) -> bool:
        """Learn which deployment the database has; tell whether that is another one than the library follows.

        New runs ask the database from here on, until that is followed.
        """
        is_behind = self._deployment is not None and self._deployment != deployment
        self._seen_revision = deployment.revision if is_behind else self._seen_revision
        return is_behind

    def leave(self) -> None:
        """Learn that nobody follows the deployment for this library any more: its worker is to end."""
        self._is_left = True

    def rejoin(self) -> None:
        """Learn that a worker uses the library again, and that its host follows the deployment for it."""
        self._is_left = False

    def go_back(self, run_id: RunId, reason: str) -> None:
        """Have a moved run go on with the build that its history names, since it does not replay on the other one."""
        build = self._moved.get(run_id)
        self._moved = {key: value for key, value in self._moved.items() if key != run_id}
        log.warning("project %s: run %s goes back from build %s: %s", self.project_id, run_id, build, reason)
        self._context.executor.submit(self._write_return, run_id, reason)

    def evict(self, run_id: RunId) -> None:
        """Have the workers forget a cached run, so that its next task is replayed from its history."""
        for evictor in list(self._evictors):
            with contextlib.suppress(Exception):  # a worker that has ended in this moment has nothing cached
                evictor(run_id)

    def add_evictor(self, evictor: Callable[[RunId], None]) -> Callable[[], None]:
        """Add a worker's way to forget a cached run; return what takes it away again."""
        self._evictors.append(evictor)
        return lambda: self._evictors.remove(evictor)

    def _is_up_to_date(self) -> bool:
        known = self._deployment
        is_behind = known is None or known.revision < self._seen_revision
        return not is_behind and not self._is_left and self._context.is_trusted()

    def _ask(self) -> None:
        """Follow the deployment before a new run chooses its build; go on with what is known where that fails.

        A host never stops serving because the database is away.
        """
        if time.monotonic() < self._asks_from:
            return
        try:
            self._asking.start(None, self.follow).result(ASK_SECONDS)
        except Exception as error:
            self._asks_from = time.monotonic() + PAUSE_SECONDS
            if not isinstance(error, (TimeoutError, StoreUnavailableError)):
                log.warning("project %s goes on with the deployment that it knows: %s", self.project_id, error)

    def _write_return(self, run_id: RunId, reason: str) -> None:
        try:
            self._context.source.return_run(self.project_id, run_id, reason)
        except Exception as error:
            # Whoever still believes in the move finds out in the same way.
            log.warning("that run %s went back is not written: %s", run_id, error)

    def _fetched(self, build_id: BuildId) -> LoadedBuild:
        name = f"build {build_id} of project {self.project_id}"
        try:
            build = self._fetching.start(build_id, lambda: self._fetch(build_id)).result(FETCH_SECONDS)
        except TimeoutError:
            raise BuildUnavailableError(f"{name} is still being loaded; the task will be tried again") from None
        except Exception as error:
            raise BuildUnavailableError(f"{name} cannot be loaded: {error}") from error
        if build is None:
            raise BuildUnavailableError(
                f"{name} is not in the database; the run waits until that build is stored there again"
            )
        return build

    def _fetch(self, build_id: BuildId) -> LoadedBuild | None:
        build = self.loaded(build_id) or self._context.source.fetch(self.project_id, build_id)
        if build is not None:
            self.keep(build)
        return build
