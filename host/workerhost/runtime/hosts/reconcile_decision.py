"""What a host should do about the workers that it runs: a pure decision over one look at them and the database."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from workerhost.model import Deployment, Project
from workerhost.runtime.hosts.placement import LEASES_MOVED_AT_ONCE, Placement, is_made_alike, replicas_of
from workerhost.store import Lease, WantedProject
from workerhost.words import HostId, WorkerId, WorkerStatus


@dataclass(frozen=True)
class WorkerView:
    """One worker of this host at the moment of the look."""

    id: WorkerId
    project: Project
    """As it was when the worker was made."""
    status: WorkerStatus
    follows: Deployment | None
    """The deployment that the worker's new runs follow."""
    says_so: bool
    """Whether its row names that deployment."""
    successor: WorkerId | None = None
    """The worker that has taken its place on this host, if one has."""


@dataclass(frozen=True)
class Snapshot:
    """All that the decision depends on."""

    host_id: HostId
    workers: Mapping[WorkerId, WorkerView]
    """The workers of this host that it has not forgotten, by id: all, or those of the one project."""
    wanted: Mapping[str, WantedProject]
    """The projects that should run, with their leases, by id."""
    placement: Placement
    """Of the same projects, among all hosts."""
    is_draining: bool
    """Whether this host hands its projects over and ends."""
    is_replaced: bool
    """Whether other hosts are on their way while it does that."""
    only: str | None = None
    """The only project that was looked at; all were where it is None."""


@dataclass(frozen=True)
class FollowDeployment:
    """A worker is to follow what is deployed, and its row is to say that it does."""

    worker_id: WorkerId
    deployment: Deployment


@dataclass(frozen=True)
class ReleaseLease:
    """A lease is to be let go; its worker goes on until another host polls."""

    lease: Lease


@dataclass(frozen=True)
class ReplaceWorker:
    """A worker is to be replaced by one that is made for the project as it is now."""

    worker_id: WorkerId
    project: Project


@dataclass(frozen=True)
class StopWorker:
    """A worker is to end."""

    worker_id: WorkerId


@dataclass(frozen=True)
class EndAbandonedLeases:
    """Claims whose commit was not confirmed, so that no workers were started for them, are to be given back."""

    worker_ids: frozenset[WorkerId]


Action = FollowDeployment | ReleaseLease | ReplaceWorker | StopWorker | EndAbandonedLeases


def decide(snapshot: Snapshot) -> list[Action]:
    """Return what is to be done, in this order. What should be claimed is decided before, by the placement."""
    settled = list(_settle(snapshot))
    stopped = {action.worker_id for action in settled if isinstance(action, StopWorker)}
    released = {action.lease for action in settled if isinstance(action, ReleaseLease)}
    staying = replace(snapshot, workers={key: each for key, each in snapshot.workers.items() if key not in stopped})
    actions = [*settled, *_keep_up(staying)]
    if snapshot.only is None:
        actions += [*_end_abandoned_leases(snapshot), *_rebalance(staying, released)]
    return actions


def _settle(snapshot: Snapshot) -> Iterator[Action]:
    """Bring the workers in line with what the database says of their projects."""
    for worker in snapshot.workers.values():
        if worker.status.goes_on:
            action = _settled(snapshot, worker, snapshot.wanted.get(worker.project.id))
            if action is not None:
                yield action


def _settled(snapshot: Snapshot, worker: WorkerView, wanted: WantedProject | None) -> Action | None:
    if wanted is None:
        return StopWorker(worker.id)
    if worker.successor is not None:
        return StopWorker(worker.id) if _has_taken_place(snapshot, worker.successor, wanted) else None
    lease = wanted.lease_of(worker.id)
    if lease is None:
        return StopWorker(worker.id) if _may_end(snapshot, wanted) else None
    if _should_let_go(snapshot, lease, wanted):
        return ReleaseLease(lease)
    if not is_made_alike(worker.project, wanted.project):
        return ReplaceWorker(worker.id, wanted.project)
    return None


def _has_taken_place(snapshot: Snapshot, successor: WorkerId, wanted: WantedProject) -> bool:
    """Tell whether a worker polls by which another one was replaced, or is itself about to end or gone.

    Its row says that it polls a moment before the worker itself does, and callers wait for the row.
    """
    known = snapshot.workers.get(successor)
    if known is None or known.status not in (WorkerStatus.STARTING, WorkerStatus.FAILED):
        return True
    return any(lease.worker_id == successor and lease.status == WorkerStatus.RUNNING for lease in wanted.leases)


def _may_end(snapshot: Snapshot, wanted: WantedProject) -> bool:
    """Tell whether a worker without lease may end: others poll, or nobody will."""
    if snapshot.placement.is_covered(wanted):
        return True
    waits = snapshot.is_replaced or snapshot.placement.can_run_elsewhere(wanted.project, snapshot.host_id)
    return snapshot.is_draining and not waits


def _should_let_go(snapshot: Snapshot, lease: Lease, wanted: WantedProject) -> bool:
    is_surplus = lease.replica >= replicas_of(wanted.project)
    return is_surplus or snapshot.placement.belongs_elsewhere(wanted.project, snapshot.host_id)


def _keep_up(snapshot: Snapshot) -> Iterator[Action]:
    for worker in snapshot.workers.values():
        wanted = snapshot.wanted.get(worker.project.id)
        if wanted is not None and worker.status.goes_on:
            deployment = wanted.project.deployment
            is_behind = worker.follows is not None and worker.follows != deployment
            if is_behind or not worker.says_so:
                yield FollowDeployment(worker.id, deployment)


def _end_abandoned_leases(snapshot: Snapshot) -> Iterator[Action]:
    leases = (lease for wanted in snapshot.wanted.values() for lease in wanted.leases)
    mine = {lease.worker_id for lease in leases if lease.host_id == snapshot.host_id}
    if abandoned := mine - snapshot.workers.keys():
        yield EndAbandonedLeases(frozenset(abandoned))


def _rebalance(snapshot: Snapshot, released: Set[Lease]) -> Iterator[Action]:
    """Let some leases go where others have less than their share; few at a time, counting those under way."""
    moving = sum(1 for worker in snapshot.workers.values() if _is_moving(snapshot, worker, released))
    for lease in snapshot.placement.moves(snapshot.host_id, LEASES_MOVED_AT_ONCE - moving) - released:
        yield ReleaseLease(lease)


def _is_moving(snapshot: Snapshot, worker: WorkerView, released: Set[Lease]) -> bool:
    wanted = snapshot.wanted.get(worker.project.id)
    lease = wanted.lease_of(worker.id) if wanted else None
    return worker.status.goes_on and worker.successor is None and (lease is None or lease in released)
