"""Which host should run which project: pure decisions over one look at the database."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from workerhost.model import Project
from workerhost.store import HostRecord, Lease, WantedProject
from workerhost.words import HostId, WorkerStatus

DEFAULT_POOL = "default"

PATIENCE_SECONDS = 2.0
"""How long a host leaves an unclaimed project to others that have less than their share; then it claims it itself."""

LEASES_MOVED_AT_ONCE = 5
"""Projects that a host with more than its share hands to others at the same time."""

CLAIMS_AT_ONCE = 250
"""Most claims in one transaction; the next look takes more."""

RequiredPlugins = Callable[[Project], Iterable[str]]
Waited = Callable[[str, int], float]


@dataclass(frozen=True)
class Claim:
    """What a host should try to lease."""

    project: Project
    replica: int


class Placement:
    """The fleet at one moment. Never changes, so any thread may ask it.

    Every host decides for itself, from the same rows. Two that decide to claim the same are told apart by the
    database's unique index; what nobody claims in time, everybody may claim.

    Args:
        wanted: all projects that should run, with their leases, by id.
        hosts: all hosts; those that are late or draining take nothing.
        required_plugins: returns the names of the plugins that a project's build needs.
    """

    def __init__(
        self, wanted: Mapping[str, WantedProject], hosts: Iterable[HostRecord], required_plugins: RequiredPlugins
    ) -> None:
        self._wanted = dict(wanted)
        self._live = {host.id for host in hosts if not host.is_late}
        self._hosts = {host.id: host for host in hosts if not host.is_late and not host.is_draining}
        self._required_plugins = required_plugins
        self._loads = Counter(lease.host_id for each in self._wanted.values() for lease in each.leases)
        self._hosts_of_pool: dict[str, list[HostRecord]] = {}
        for host in self._hosts.values():
            for pool in host.pools:
                self._hosts_of_pool.setdefault(pool, []).append(host)
        self._slots = Counter[str]()
        for each in self._wanted.values():
            pool = pool_of(each.project)
            self._slots[pool] += min(replicas_of(each.project), max(1, len(self._hosts_of_pool.get(pool, ()))))

    def wanted(self, project_id: str) -> WantedProject | None:
        """Return the project with its leases, or None where it is not one that should run."""
        return self._wanted.get(project_id)

    def claims(self, host_id: HostId, waited: Waited, *, only: str | None = None) -> list[Claim]:
        """Return what the host should try to lease now.

        Args:
            host_id: the host.
            waited: returns for how many seconds a replica of a project has been unclaimed.
            only: the id of the only project to look at; all are looked at where it is None.
        """
        host = self._hosts.get(host_id)
        if host is None:
            return []
        room = min(host.capacity - self._loads[host_id], CLAIMS_AT_ONCE)
        allowance = self._share(host) - self._loads[host_id]
        claims: list[Claim] = []
        for project, replica in self._free(host, only):
            if len(claims) >= room:
                break
            is_patient = waited(project.id, replica) < PATIENCE_SECONDS
            if (len(claims) < allowance or not is_patient) and self._has_plugins(host, project):
                claims.append(Claim(project, replica))
        return claims

    def moves(self, host_id: HostId, most: int) -> set[Lease]:
        """Return the leases that the host should let go, since others have less than their share; at most `most`."""
        host = self._hosts.get(host_id)
        if host is None:
            return set()
        excess = min(self._loads[host_id] - self._share(host), most)
        taken = Counter[HostId]()
        moves: set[Lease] = set()
        if excess <= 0:
            return moves
        for each in self._wanted.values():
            for lease in each.leases:
                if len(moves) < excess and lease.host_id == host_id and lease.status == WorkerStatus.RUNNING:
                    taker = next(self._takers(each, taken), None)
                    if taker is not None:
                        taken[taker.id] += 1
                        moves.add(lease)
        return moves

    def is_covered(self, wanted: WantedProject) -> bool:
        """Tell whether as many live hosts as can run the project and should run it are polling for it."""
        running = [each for each in wanted.leases if each.status == WorkerStatus.RUNNING and each.host_id in self._live]
        able = sum(1 for _ in self._able(wanted.project))
        return len(running) >= max(1, min(replicas_of(wanted.project), able))

    def can_run_elsewhere(self, project: Project, host_id: HostId) -> bool:
        """Tell whether another host could run the project."""
        return any(host.id != host_id for host in self._able(project))

    def belongs_elsewhere(self, project: Project, host_id: HostId) -> bool:
        """Tell whether the host is not one for the project, and another one is."""
        able = [host.id for host in self._able(project)]
        return bool(able) and host_id not in able

    def obstacle(self, project: Project) -> str | None:
        """Say why no host claims the project, or return None where a host may claim it any moment."""
        pool = pool_of(project)
        serving = self._hosts_of_pool.get(pool)
        if not serving:
            return f"no live host serves the pool {pool}; start one with --pool {pool}"
        able = list(self._able(project))
        if not able:
            missing = ", ".join(sorted(self._required_plugins(project)))
            return f"no live host of the pool {pool} has all plugins that the project's build needs: {missing}"
        if all(self._loads[host.id] >= host.capacity for host in able):
            return f"all live hosts of the pool {pool} are full; start another one, or raise WORKERHOST_CAPACITY"
        return None

    def free_replicas(self, only: str | None = None) -> Iterator[tuple[str, int]]:
        """Yield project and replica of everything that is unclaimed, or of what one project has unclaimed."""
        for each in self._those(only):
            for replica in _free_replicas(each):
                yield each.project.id, replica

    def _those(self, only: str | None) -> Iterable[WantedProject]:
        """Return one project, or all. Who starts one project must not pay for a thousand."""
        if only is None:
            return self._wanted.values()
        return [self._wanted[only]] if only in self._wanted else []

    def _free(self, host: HostRecord, only: str | None) -> list[tuple[Project, int]]:
        """Return what the host may claim; each host in an order of its own, so that they seldom want the same first."""
        free = []
        for each in self._those(only):
            replicas = _free_replicas(each)
            if replicas and pool_of(each.project) in host.pools and not _is_on(each, host):
                mark = crc32(f"{host.id}/{each.project.id}".encode())
                free.append((mark, each.project, replicas[mark % len(replicas)]))
        return [(project, replica) for _, project, replica in sorted(free, key=lambda each: each[0])]

    def _takers(self, wanted: WantedProject, taken: Mapping[HostId, int]) -> Iterator[HostRecord]:
        for host in self._able(wanted.project):
            load = self._loads[host.id] + taken.get(host.id, 0)
            if load < min(self._share(host), host.capacity) and not _is_on(wanted, host):
                yield host

    def _able(self, project: Project) -> Iterator[HostRecord]:
        return (host for host in self._hosts_of_pool.get(pool_of(project), ()) if self._has_plugins(host, project))

    def _has_plugins(self, host: HostRecord, project: Project) -> bool:
        return all(name in host.plugins for name in self._required_plugins(project))

    def _share(self, host: HostRecord) -> int:
        return math.ceil(sum(self._slots[pool] / len(self._hosts_of_pool[pool]) for pool in host.pools))


def pool_of(project: Project) -> str:
    """Return the pool whose hosts run the project; settings that are not valid mean the default one."""
    pool = _setting(project, "pool")
    return pool if isinstance(pool, str) and pool else DEFAULT_POOL


def replicas_of(project: Project) -> int:
    """Return how many hosts should run the project at once; settings that are not valid mean one."""
    replicas = _setting(project, "replicas")
    return replicas if isinstance(replicas, int) and replicas >= 1 else 1


def is_made_alike(running: Project, wanted: Project) -> bool:
    """Tell whether a worker that was made for `running` serves `wanted` as well."""
    return (running.task_queue, running.generation, _limits(running)) == (
        wanted.task_queue,
        wanted.generation,
        _limits(wanted),
    )


def _limits(project: Project) -> object:
    """Return the settings that a worker is made with: all but those that say where it runs."""
    if not _is_mapping(project.settings):
        return project.settings
    return {key: value for key, value in project.settings.items() if key not in ("replicas", "pool")}


def _setting(project: Project, name: str) -> object:
    # Not through the model: hosts ask this for all projects all the time.
    return project.settings.get(name) if _is_mapping(project.settings) else None


def _is_mapping(settings: object) -> bool:
    return isinstance(settings, Mapping)  # a product may have written anything there


def _free_replicas(wanted: WantedProject) -> list[int]:
    leased = {lease.replica for lease in wanted.leases}
    return [replica for replica in range(replicas_of(wanted.project)) if replica not in leased]


def _is_on(wanted: WantedProject, host: HostRecord) -> bool:
    return any(lease.host_id == host.id for lease in wanted.leases)
