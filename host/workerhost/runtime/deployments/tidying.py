"""Lets go of what no run needs any more: builds in memory, and rows of runs that were moved."""

from collections.abc import Iterator

from workerhost.runtime.executions.visibility import Visibility
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.jobs import TIDY_DELAY, Job
from workerhost.store import Store

DRAINS_SECONDS, TIDY_SECONDS = 60.0, 3600.0
"""How often drained builds are let go, and lost runs forgotten."""


class BuildTidier:
    """Tidies up after the projects that this host runs. Its methods belong to the threads of their jobs.

    Args:
        store: where projects and moved runs are.
        visibility: tells which builds have open runs, and which runs Temporal still keeps.
        host: of this process.
    """

    def __init__(self, store: Store, visibility: Visibility, host: Host) -> None:
        self._store = store
        self._visibility = visibility
        self._host = host

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield Job(self.drop_drained_builds, DRAINS_SECONDS, delay=TIDY_DELAY)
        yield Job(self.forget_gone_runs, TIDY_SECONDS, delay=TIDY_DELAY)

    def drop_drained_builds(self) -> None:
        """Let go of the builds in the memory of this host on which no run is open.

        Raises:
            StoreUnavailableError: the database does not answer.
            TemporalUnavailableError: Temporal does not answer.
        """
        for builds in self._host.project_builds():
            deployed = builds.deployment.known.builds if builds.deployment.known else ()
            moved_to = set(builds.moved_runs.builds.values())
            others = [each for each in builds.cache.kept() if each not in deployed and each not in moved_to]
            project = self._store.projects.get(builds.project_id) if others else None
            for build_id in others:
                if project and not self._visibility.is_open(project, build_id):
                    builds.cache.drop(build_id)

    def forget_gone_runs(self) -> None:
        """Delete the rows of moved runs that Temporal keeps no more.

        Until then closed runs, too, answer queries on the build that they were moved to.

        Raises:
            StoreUnavailableError: the database does not answer.
            TemporalUnavailableError: Temporal does not answer.
        """
        for builds in self._host.project_builds():
            project_id = builds.project_id
            if builds.moved_runs.builds and (gone := self._visibility.gone(self._store.moves.runs(project_id))):
                self._store.moves.forget(project_id, gone)
