"""Makes what runs on this host what the database says should run: look, claim, decide, act."""

import time
from collections.abc import Iterable, Mapping
from typing import assert_never

from workerhost.model import Project
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.hosts.deployment_follower import DeploymentFollower
from workerhost.runtime.hosts.deployment_trust import boot_time
from workerhost.runtime.hosts.lease_table import LeaseTable
from workerhost.runtime.hosts.membership import Membership
from workerhost.runtime.hosts.placement import Claim, Placement
from workerhost.runtime.hosts.reconcile_decision import (
    Action,
    EndAbandonedLeases,
    FollowDeployment,
    ReleaseLease,
    ReplaceWorker,
    Snapshot,
    StopWorker,
    WorkerView,
    decide,
)
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.hosts.worker_table import WorkerTable
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.store import Lease, Store
from workerhost.words import WorkerId


class Reconciler:
    """Belongs to the host's thread, all but `placement`, which any thread may read.

    Args:
        store: the desired state, and where leases are recorded.
        membership: this host's place among the others.
        workers: those of this host.
        rows: where they are recorded.
        follower: has them follow what is deployed.
        observer: learns which leases the host claims and lets go.
    """

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a host that it needs
        self,
        store: Store,
        membership: Membership,
        workers: WorkerTable,
        rows: WorkerRows,
        follower: DeploymentFollower,
        observer: Observer,
    ) -> None:
        self._store = store
        self._observer = observer
        self._membership = membership
        self._host_id = membership.me.id
        self._workers = workers
        self._rows = rows
        self._follower = follower
        self._table = LeaseTable(store)
        self.placement = Placement({}, (), self._table.required_plugins)
        """The fleet as of the last look."""
        self._unclaimed_since: dict[tuple[str, int], float] = {}
        self._settled_with: object = None
        """The circumstances under which there was nothing left to do."""

    def reconcile(self, project_id: str | None, build: ProjectBuild | None = None) -> None:
        """Make one project, or all, what the database says.

        Args:
            project_id: the project to look at; all where it is None.
            build: the project's current build, so that a worker that is started need not load it once more.

        Raises:
            StoreUnavailableError: the database does not answer; everything goes on as it is.
        """
        began = boot_time()
        if project_id is not None:
            self._table.look_at(project_id)
        elif not self._table.look() and self._settled_with == self._circumstances():
            self._membership.trust.note_look(began)
            return
        circumstances = self._circumstances()
        self.placement = Placement(self._table.wanted, self._membership.hosts, self._table.required_plugins)
        self._workers.forget_stopped()
        self._claim(project_id, build)
        snapshot = self._snapshot(project_id)
        if actions := decide(snapshot):
            workers = {worker.id: worker for worker in self._workers.all()}
            for action in actions:
                self._apply(action, workers)
        if project_id is None:
            # Only now do new runs ask for each deployment that was found to be another one than is followed here.
            self._membership.trust.note_look(began)
            self._settled_with = circumstances if self._is_settled() else None

    def release_all(self) -> None:
        """Let all leases of this host go.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        leases = (self._table.lease_of(worker.id, worker.project.id) for worker in self._workers)
        self._release({lease for lease in leases if lease is not None})

    def _circumstances(self) -> object:
        """Return what a decision depends on beside the database's rows of projects and leases."""
        hosts = tuple((host.id, host.is_late, host.is_draining) for host in self._membership.hosts)
        return hosts, self._membership.is_draining, self._rows.changes

    def _is_settled(self) -> bool:
        """Tell whether nothing is left that time alone would make this host do."""
        if self._unclaimed_since or self._follower.is_busy:
            return False
        return all(self._table.lease_of(each.id, each.project.id) is not None for each in self._workers)

    def _claim(self, project_id: str | None, build: ProjectBuild | None) -> None:
        now = time.monotonic()
        known = self._unclaimed_since
        self._unclaimed_since = {key: known.get(key, now) for key in self.placement.free_replicas(project_id)}
        if project_id is not None:
            self._unclaimed_since |= {key: since for key, since in known.items() if key[0] != project_id}
        claims = self.placement.claims(
            self._host_id, lambda *replica: now - self._unclaimed_since[replica], only=project_id
        )
        made = [self._claimant(each, build) for each in claims]
        if not made:
            return
        named = {worker.id: worker.builds.deployment.known or worker.project.deployment for worker, _ in made}
        won = self._store.leases.claim(self._rows.record(worker, worker.state, claim.replica) for worker, claim in made)
        self._observer.leases_moved(len(won), 0)
        for worker, claim in made:
            if worker.id in won:
                self._rows.note_written(worker, named[worker.id])
                self._start_leased(worker, claim)

    def _release(self, leases: set[Lease]) -> None:
        self._table.release(leases)
        self._observer.leases_moved(0, len(leases))

    def _claimant(self, claim: Claim, build: ProjectBuild | None) -> tuple[ProjectWorker, Claim]:
        """Return the worker that is to hold the lease: the one that serves the project here, or a new one."""
        serving = self._workers.get(claim.project.id)
        if serving is None or not serving.state.status.goes_on:
            serving = self._workers.make(claim.project, build)
        return serving, claim

    def _start_leased(self, worker: ProjectWorker, claim: Claim) -> None:
        lease = Lease(worker.id, self._host_id, claim.replica, worker.state.status)
        self._table.add(worker.project.id, lease)
        if self._workers.get(worker.project.id) is not worker:
            self._workers.run(worker)

    def _snapshot(self, project_id: str | None) -> Snapshot:
        return Snapshot(
            host_id=self._host_id,
            workers={view.id: view for view in self._views(project_id)},
            wanted=self._table.wanted,
            placement=self.placement,
            is_draining=self._membership.is_draining,
            is_replaced=self._membership.is_replaced,
            only=project_id,
        )

    def _views(self, project_id: str | None) -> Iterable[WorkerView]:
        # A start looks at one project, and must not cost more on a host that runs a thousand.
        for worker in (each for each in self._workers.all() if project_id in (None, each.project.id)):
            successor = self._workers.successor(worker)
            yield WorkerView(
                id=worker.id,
                project=worker.project,
                status=worker.state.status,
                follows=worker.builds.deployment.known,
                says_so=self._rows.is_up_to_date(worker),
                successor=successor.id if successor else None,
            )

    def _apply(self, action: Action, workers: Mapping[WorkerId, ProjectWorker]) -> None:
        match action:
            case StopWorker(worker_id):
                self._workers.stop(workers[worker_id])
            case ReleaseLease(lease):
                self._release({lease})
            case ReplaceWorker(worker_id, project):
                self._replace(worker_id, project)
            case FollowDeployment(worker_id, deployment):
                worker = workers[worker_id]
                worker.builds.deployment.note_seen(deployment)
                self._follower.follow_later(worker)
            case EndAbandonedLeases(worker_ids):
                self._store.workers.mark_abandoned(worker_ids, "the claim was not confirmed")
            case _:
                assert_never(action)

    def _replace(self, worker_id: WorkerId, project: Project) -> None:
        """Start a new worker; the old one is stopped when the new one polls, so there is no gap."""
        worker = self._workers.make(project)
        self._store.leases.hand_on(worker_id, self._rows.record(worker, worker.state))
        self._table.hand_on(project.id, worker_id, worker.id)
        self._workers.run(worker)
