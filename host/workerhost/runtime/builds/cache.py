"""The builds of one project that are loaded in this process."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from weakref import WeakValueDictionary

from workerhost.model import Project
from workerhost.runtime.builds.context import BuildsContext
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.builds.single_flight import SingleFlight
from workerhost.words import BuildId

FETCH_SECONDS = 1.5
"""How long a workflow task waits for a build that is fetched: less than the 2 s at which the SDK sees a deadlock. A
task that has to ask for its deployment first may still be late once, and is tried again."""


class BuildUnavailableError(Exception):
    """A run's build is not at hand; the workflow task fails with this sentence and Temporal tries it again."""


class BuildCache:
    """Loaded builds by id; one that is not here yet is fetched once for all who ask. Safe to use from any thread.

    Builds that nothing uses are let go, the least recently used first. A build that a cached run or an activity still
    uses stays until that is over.

    Args:
        project: whose builds they are.
        context: what the builds of all projects share.
    """

    def __init__(self, project: Project, context: BuildsContext) -> None:
        self._project = project
        self._loader = context.loader
        self._most_loaded = context.most_loaded
        self._lock = threading.Lock()
        self._kept: OrderedDict[BuildId, ProjectBuild] = OrderedDict()
        self._in_use: WeakValueDictionary[BuildId, ProjectBuild] = WeakValueDictionary()
        self._fetching: SingleFlight[BuildId, ProjectBuild | None] = SingleFlight(context.executor)
        self._pinned: frozenset[BuildId] = frozenset()

    def follow(self, project: Project) -> None:
        """Have builds run where the project's settings say by now; what runs goes on where it is."""
        with self._lock:
            is_changed = project.settings != self._project.settings
            self._project = project
        if is_changed:
            self.clear()

    def clear(self) -> None:
        """Forget all builds, so that they are loaded anew, maybe elsewhere; what uses one goes on with it."""
        with self._lock:
            self._kept.clear()
            self._in_use.clear()

    def pin(self, build_ids: Iterable[BuildId]) -> None:
        """Let no build go from now on that is among these, and none else stay for this reason."""
        self._pinned = frozenset(build_ids)

    def keep(self, build: ProjectBuild) -> None:
        """Have `build` at hand."""
        with self._lock:
            self._in_use[build.id] = build
            self._kept[build.id] = build
            self._kept.move_to_end(build.id)
            unpinned = [each for each in self._kept if each not in self._pinned and each != build.id]
            for build_id in unpinned[: max(0, len(self._kept) - self._most_loaded)]:
                del self._kept[build_id]

    def loaded(self, build_id: BuildId) -> ProjectBuild | None:
        """Return the build of that id if it is in memory; never blocks."""
        with self._lock:
            found = self._kept.get(build_id)
            if found is not None:
                self._kept.move_to_end(build_id)
                return found
            return self._in_use.get(build_id)

    def drop(self, build_id: BuildId) -> None:
        """Let a build go, unless it is pinned; it comes back on demand."""
        with self._lock:
            if build_id not in self._pinned:
                self._kept.pop(build_id, None)

    def kept(self) -> list[BuildId]:
        """Return the ids of the builds that stay in memory without being used, the least recently used first."""
        with self._lock:
            return list(self._kept)

    def get(self, build_id: BuildId) -> ProjectBuild:
        """Return the build of that id; blocks for at most `FETCH_SECONDS` where it must be fetched.

        Raises:
            BuildUnavailableError: it does not exist, or could not be fetched in time.
        """
        return self.loaded(build_id) or self._fetched(build_id)

    def fetch(self, build_id: BuildId) -> ProjectBuild | None:
        """Return the build of that id, or None where there is none; blocks for as long as loading it takes.

        Raises:
            StoreUnavailableError: the database does not answer.
            BuildRefusedError: the build does not load here.
        """
        build = self.loaded(build_id) or self._loader.fetch(self._project, build_id)
        if build is not None:
            self.keep(build)
        return build

    def _fetched(self, build_id: BuildId) -> ProjectBuild:
        name = f"build {build_id} of project {self._project.id}"
        try:
            build = self._fetching.start(build_id, lambda: self.fetch(build_id)).result(FETCH_SECONDS)
        except TimeoutError:
            raise BuildUnavailableError(f"{name} is still being loaded; the task will be tried again") from None
        except Exception as error:
            raise BuildUnavailableError(f"{name} cannot be loaded: {error}") from error
        if build is None:
            raise BuildUnavailableError(
                f"{name} is not in the database; the run waits until that build is stored there again"
            )
        return build
