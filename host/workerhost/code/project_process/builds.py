"""The builds that a project process has loaded."""

import threading
from collections.abc import Sequence

from workerhost.code.build import Build
from workerhost.code.loading import LoadedBuild, load_build
from workerhost.words import BuildId


class ProcessBuilds:
    """Builds by id. May be used from any thread; loading blocks for as long as the modules' code takes.

    Args:
        passthrough: packages that Temporal's sandbox takes from this process.
    """

    def __init__(self, passthrough: Sequence[str]) -> None:
        self._passthrough = passthrough
        self._loading = threading.Lock()
        self._loaded: dict[BuildId, LoadedBuild] = {}

    def load(self, build: Build) -> None:
        """Import a build, which later messages name by its id.

        Raises:
            BuildRefusedError: it does not load here.
        """
        with self._loading:
            self._loaded[build.id] = load_build(build, self._passthrough)

    def forget(self, build_id: BuildId) -> None:
        """Let a build go; runs and activities that use it keep it until they end."""
        self._loaded.pop(build_id, None)

    def get(self, build_id: BuildId) -> LoadedBuild:
        """Return a build that was loaded; never blocks."""
        return self._loaded[build_id]
