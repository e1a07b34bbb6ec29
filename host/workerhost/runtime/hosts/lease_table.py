"""A host's picture of what should run and who has leased it, as of its last look at the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from workerhost.model import Project
from workerhost.store import Lease, Store, WantedProject
from workerhost.store.leases import wanted_projects
from workerhost.words import BuildId, HostId, WorkerId, WorkerStatus


class LeaseTable:
    """Projects that should run, with their leases. Belongs to the host's thread.

    What the host itself changes in the database it changes here, too, so that it need not look again.

    Args:
        store: where projects, leases and builds are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wanted: dict[str, WantedProject] = {}
        self._rows: Sequence[Any] | None = None
        """What the picture was made of; None where it was changed since."""
        self.former: dict[tuple[str, int], HostId] = {}
        """Who was seen last with each replica of the projects that should run."""
        self._plugins_of_builds: dict[tuple[str, BuildId], tuple[str, ...]] = {}

    @property
    def wanted(self) -> Mapping[str, WantedProject]:
        """All projects that should run, by id."""
        return self._wanted

    def look(self) -> bool:
        """Look at all projects; tell whether anything is different from the last time.

        Raises:
            StoreUnavailableError: the database does not answer; the picture stays as it was.
        """
        rows = self._store.leases.rows()
        if rows == self._rows:
            return False
        self._wanted = {each.project.id: each for each in wanted_projects(rows)}
        self.former = {key: host for key, host in self.former.items() if key[0] in self._wanted}
        self._note_holders(self._wanted.values())
        self._learn_required_plugins({_current_build(each.project) for each in self._wanted.values()})
        self._rows = rows
        return True

    def look_at(self, project_id: str) -> None:
        """Look at one project.

        Raises:
            StoreUnavailableError: the database does not answer; the picture stays as it was.
        """
        found = self._store.leases.wanted_one(project_id)
        self._rows = None
        self._wanted.pop(project_id, None)
        if found is not None:
            self._wanted[project_id], self._plugins_of_builds[_current_build(found[0].project)] = found
            self._note_holders([found[0]])

    def lease_of(self, worker_id: WorkerId, project_id: str) -> Lease | None:
        """Return the lease that the worker holds on the project, if it does."""
        wanted = self._wanted.get(project_id)
        return wanted.lease_of(worker_id) if wanted else None

    def add(self, project_id: str, lease: Lease) -> None:
        """Note a lease that was claimed."""
        known = self._wanted[project_id]
        self._rows = None
        self._wanted[project_id] = replace(known, leases=(*known.leases, lease))

    def release(self, leases: set[Lease]) -> None:
        """Let leases go, in the database and here.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._store.leases.release(lease.worker_id for lease in leases)
        self._rows = None if leases else self._rows
        for project_id, known in self._wanted.items() if leases else ():
            if not leases.isdisjoint(known.leases):
                left = tuple(lease for lease in known.leases if lease not in leases)
                self._wanted[project_id] = replace(known, leases=left)

    def hand_on(self, project_id: str, worker_id: WorkerId, successor_id: WorkerId) -> None:
        """Note that a worker's lease has gone to its successor on the same host."""
        known = self._wanted[project_id]
        self._rows = None
        leases = (
            replace(each, worker_id=successor_id, status=WorkerStatus.STARTING) if each.worker_id == worker_id else each
            for each in known.leases
        )
        self._wanted[project_id] = replace(known, leases=tuple(leases))

    def required_plugins(self, project: Project) -> tuple[str, ...]:
        """Return the names of the plugins that the project's current build needs."""
        return self._plugins_of_builds.get(_current_build(project), ())

    def _note_holders(self, wanted: Iterable[WantedProject]) -> None:
        self.former |= {(each.project.id, lease.replica): lease.host_id for each in wanted for lease in each.leases}

    def _learn_required_plugins(self, builds: set[tuple[str, BuildId]]) -> None:
        """Ask for what builds need that are new here; builds never change. Forget those that nothing runs."""
        self._plugins_of_builds = {key: known for key, known in self._plugins_of_builds.items() if key in builds}
        unknown = {key for key in builds - self._plugins_of_builds.keys() if key[1]}
        if unknown:
            self._plugins_of_builds |= self._store.builds.required_plugins(unknown)


def _current_build(project: Project) -> tuple[str, BuildId]:
    return project.id, project.current_build or BuildId("")
