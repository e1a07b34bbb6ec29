"""Loading builds into this process."""

from collections.abc import Sequence

from workerhost.code.build import Build, stored_build
from workerhost.code.loading import LoadedBuild, load_build
from workerhost.store import Store
from workerhost.words import BuildId


class BuildLoader:
    """Loads builds that passed their checks. Safe to use from any thread; every call may block.

    Args:
        store: where builds are kept by id.
        passthrough: packages that Temporal's sandbox takes from this process.
    """

    def __init__(self, store: Store, passthrough: Sequence[str]) -> None:
        self._store = store
        self._passthrough = passthrough

    def load(self, build: Build) -> LoadedBuild:
        """Import a checked build into this process.

        Raises:
            BuildRefusedError: it passed its checks and does not load here all the same.
        """
        return load_build(build, self._passthrough)

    def fetch(self, project_id: str, build_id: BuildId) -> LoadedBuild | None:
        """Load a stored build by its id, or return None where there is none.

        Raises:
            StoreUnavailableError: the database does not answer.
            BuildRefusedError: it does not load here.
        """
        summary = self._store.builds.get(project_id, build_id)
        return None if summary is None else self.load(stored_build(summary))
