"""The builds of one project that are loaded in this process."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future

from workerhost.code.loading import LoadedBuild

FETCH_SECONDS = 1.5
"""How long a workflow task waits for a build that is fetched: less than the 2 s at which the SDK sees a deadlock."""


class BuildUnavailableError(Exception):
    """A run's build is not at hand; the workflow task fails with this sentence and Temporal tries it again."""


class BuildLibrary:
    """Builds by digest, and the current one, which new runs take.

    Read from the threads of workflow tasks and activities; `publish` is called by whoever made the build. A
    digest that is not here yet is fetched once, on `executor`.

    Args:
        project_id: for the sentences of errors.
        fetch: returns the build of a digest, or None where there is none; it may block.
        executor: where `fetch` runs.
    """

    def __init__(self, project_id: str, fetch: Callable[[str, str], LoadedBuild | None], executor: Executor) -> None:
        self._project_id = project_id
        self._fetch = fetch
        self._executor = executor
        self._lock = threading.Lock()
        self._following = threading.Lock()
        self._loaded: dict[str, LoadedBuild] = {}
        self._fetching: dict[str, Future[LoadedBuild | None]] = {}
        self._current: LoadedBuild | None = None

    @property
    def current(self) -> LoadedBuild | None:
        """The build that new runs take, None before the first publish."""
        return self._current

    def keep(self, build: LoadedBuild) -> None:
        """Have `build` at hand; the current one stays what it is."""
        with self._lock:
            self._loaded[build.digest] = build

    def publish(self, build: LoadedBuild) -> None:
        """Make `build` the one that every run takes whose first task comes from now on."""
        self.keep(build)
        self._current = build

    def follow(self, read_current: Callable[[], str | None]) -> bool:
        """Publish the build that is the project's current one by now; tell whether that is another than before.

        Callers take turns, and each reads anew, so that an older answer never overtakes a newer one.

        Args:
            read_current: returns the digest of the current build; it may block.
        """
        with self._following:
            digest = read_current()
            if digest is None or (self._current is not None and self._current.digest == digest):
                return False
            build = self.loaded(digest) or self._fetch(self._project_id, digest)
            if build is not None:
                self.publish(build)
            return build is not None

    def loaded(self, digest: str) -> LoadedBuild | None:
        """Return the build of that digest if it is in memory; never blocks."""
        return self._loaded.get(digest)

    def get(self, digest: str) -> LoadedBuild:
        """Return the build of that digest; blocks for at most `FETCH_SECONDS` where it must be fetched.

        Raises:
            BuildUnavailableError: it does not exist, or could not be fetched in time.
        """
        return self.loaded(digest) or self._result(digest, self._start_fetch(digest))

    def _start_fetch(self, digest: str) -> "Future[LoadedBuild | None]":
        with self._lock:
            future = self._fetching.get(digest)
            if future is None:
                future = self._executor.submit(self._fetch, self._project_id, digest)
                self._fetching[digest] = future
            return future

    def _result(self, digest: str, future: "Future[LoadedBuild | None]") -> LoadedBuild:
        name = f"build {digest} of project {self._project_id}"
        try:
            loaded = future.result(FETCH_SECONDS)
        except TimeoutError:
            raise BuildUnavailableError(f"{name} is still being loaded; the task will be tried again") from None
        except Exception as error:
            self._forget_fetch(digest)
            raise BuildUnavailableError(f"{name} cannot be loaded: {error}") from error
        self._forget_fetch(digest)
        if loaded is None:
            raise BuildUnavailableError(
                f"{name} is not in the database; the run waits until that build is stored there again"
            )
        with self._lock:
            return self._loaded.setdefault(digest, loaded)

    def _forget_fetch(self, digest: str) -> None:
        with self._lock:
            self._fetching.pop(digest, None)
