"""The host: runs the project workers of one process and makes the desired state so."""

import contextlib
import logging
import sys
import threading
import time

from workerhost.code.loading import LoadedBuild
from workerhost.errors import HostStoppingError, StoreUnavailableError, WorkerhostError
from workerhost.model import Deployment, Project
from workerhost.runtime.builds.library import BuildLibrary
from workerhost.runtime.hosts.command_thread import CommandThread
from workerhost.runtime.hosts.deployment_follower import DeploymentFollower
from workerhost.runtime.hosts.lease_table import LeaseTable
from workerhost.runtime.hosts.membership import Membership, boot_time
from workerhost.runtime.hosts.placement import MOVES_AT_ONCE, Claim, Placement, is_made_alike, replicas_of
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.hosts.worker_table import WorkerTable
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.runtime.workers.worker_loop import CANCEL_SECONDS, WorkerContext
from workerhost.store import Lease, Store, WantedProject
from workerhost.words import WorkerId, WorkerStatus

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may keep the interpreter while others wait. Python's 5 ms let one CPU-bound activity slow every
answer of the control API to 32 ms (p99); with this it is under 6 ms."""

HAND_OVER_LOOK_SECONDS = 0.1
"""How often a host that ends looks whether others have taken over."""


class Host:
    """Runs project workers: those that this host has leased, and those whose successors elsewhere do not poll yet.

    Its tables of workers and leases belong to the thread `workerhost-host`: every change is a command for that
    thread. All methods may be called from any other thread; they wait for that one.

    Args:
        store: the desired state, and where workers and leases are recorded.
        context: what the project workers share.
        membership: this host's place among the others.
        rows: where the workers are recorded.
        follower: has the workers follow what is deployed.
    """

    def __init__(
        self,
        store: Store,
        context: WorkerContext,
        membership: Membership,
        rows: WorkerRows,
        follower: DeploymentFollower,
    ) -> None:
        self.membership = membership
        self.id = membership.me.id
        self.rows = rows
        self._store = store
        self._context = context
        self._follower = follower
        self._table = LeaseTable(store)
        self._placement = Placement((), (), self._table.required_plugins)
        self._workers = WorkerTable(context, rows)
        self._unclaimed_since: dict[tuple[str, int], float] = {}
        self._settled_with: object = None
        self._stopping = threading.Event()
        self._is_replaced = False
        self._thread = CommandThread("workerhost-host")

    def start(self) -> None:
        """Start the host's thread and register the host; with the database away it registers with a heartbeat."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._thread.start()
        try:
            self.membership.register()
        except StoreUnavailableError as error:
            log.warning("%s", error)

    def worker(self, project_id: str) -> ProjectWorker | None:
        """Return the project's worker on this host, whatever state it is in."""
        return self._workers.get(project_id)

    def running(self) -> list[str]:
        """Return the ids of the projects whose worker polls here, in order."""
        return sorted(worker.project.id for worker in self._workers if worker.state.status == WorkerStatus.RUNNING)

    def libraries(self) -> list[BuildLibrary]:
        """Return the builds of the projects that this host runs."""
        return [worker.library for worker in self._workers if worker.state.status.goes_on]

    def obstacle(self, project: Project) -> str | None:
        """Say why no host can run the project, as of the last look; None where nothing speaks against it."""
        return self._placement.obstacle(project)

    def reconcile(self, project_id: str | None = None, build: LoadedBuild | None = None) -> None:
        """Make what runs here what the database says should run: of one project, or of all.

        Args:
            project_id: the project to look at; all where it is not given.
            build: the project's current build, so that a worker that is started need not load it once more.

        Raises:
            StoreUnavailableError: the database does not answer; everything goes on as it is.
            HostStoppingError: the host ends.
        """
        if self._stopping.is_set():
            raise HostStoppingError("this host is shutting down; ask again in a moment")
        self._thread.call(lambda: self._reconcile(project_id, build))

    def beat(self) -> None:
        """Write the heartbeat of this host; register it and its workers again where it was taken for dead.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        workers = list(self._workers)
        if not self.membership.beat(len(self.running())):
            log.warning("this host had been taken for dead, and has registered again")
            for worker in workers:
                self.rows.save(worker, worker.state)
        self.rows.flush()

    def adopt(self, project_id: str, deployment: Deployment | None = None) -> None:
        """Have the project's worker here, if there is one, follow what is deployed by now; blocks while it does.

        Args:
            project_id: of the project.
            deployment: what is deployed, if that is known: a worker that follows it need not look.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        worker = self._workers.get(project_id)
        if worker is not None and (deployment is None or worker.library.deployment != deployment):
            self._follower.follow(worker)

    def stop(self, *, is_replaced: bool = False) -> bool:
        """Hand all projects over, drain the workers, and end; tell whether all of them ended in time.

        Takes at most the hand-over timeout, the drain timeout and a little more. Calling this again, or before
        `start`, does nothing.

        Args:
            is_replaced: whether other hosts are on their way, so that it is worth waiting where none is there yet.
        """
        if self._stopping.is_set() or not self._thread.is_alive:
            return True
        self._stopping.set()
        self._is_replaced = is_replaced
        self._hand_over()
        workers = self._thread.call(self._workers.stop_all)
        deadline = time.monotonic() + self._context.settings.drain_timeout + 2 * CANCEL_SECONDS
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        self._thread.stop()
        self.rows.flush()
        with contextlib.suppress(StoreUnavailableError):
            self.membership.leave()
        return all(worker.join(0) for worker in workers)

    def _hand_over(self) -> None:
        """Let others take this host's projects, as long as there are others who can."""
        deadline = time.monotonic() + self._context.settings.hand_over_timeout
        try:
            self.membership.drain(len(self.running()))
            self._thread.call(self._release_all)
            while any(each.state.status.goes_on for each in self._workers):
                if time.monotonic() > deadline:
                    log.warning("no other host took all projects over in time")
                    return
                changes = self.rows.changes
                self._thread.call(lambda: self._reconcile(None))
                self.rows.wait_for_change(changes, HAND_OVER_LOOK_SECONDS)
        except WorkerhostError as error:
            log.warning("the projects of this host are not handed over: %s", error)

    # All that follows happens in the host's thread.

    def _reconcile(self, project_id: str | None, build: LoadedBuild | None = None) -> None:
        began = boot_time()
        if project_id is not None:
            self._table.look_at(project_id)
        elif not self._table.look() and self._settled_with == self._circumstances():
            self.membership.note_look(began)
            return
        circumstances = self._circumstances()
        self._placement = Placement(self._table.wanted, self.membership.hosts, self._table.required_plugins)
        self._workers.forget_stopped()
        self._claim(project_id, build)
        for worker in [each for each in self._workers if project_id in (None, each.project.id)]:
            if worker.state.status.goes_on:
                self._settle(worker, self._table.get(worker.project.id))
        for worker in self._workers.all():
            self._keep_up(worker, self._table.get(worker.project.id))
        if project_id is None:
            self.membership.note_look(began)
            self._end_abandoned_leases()
            self._rebalance()
            self._settled_with = circumstances if self._is_settled() else None

    def _circumstances(self) -> object:
        """Return what a decision depends on beside the database's rows of projects and leases."""
        hosts = tuple((host.id, host.is_late, host.is_draining) for host in self.membership.hosts)
        return hosts, self.membership.is_draining, self.rows.changes

    def _is_settled(self) -> bool:
        """Tell whether nothing is left that time alone would make this host do."""
        if self._unclaimed_since or self._follower.is_busy:
            return False
        return all(self._table.lease_of(each.id, each.project.id) is not None for each in self._workers)

    def _claim(self, project_id: str | None, build: LoadedBuild | None) -> None:
        now = time.monotonic()
        self._unclaimed_since = {key: self._unclaimed_since.get(key, now) for key in self._placement.free_replicas()}
        claims = self._placement.claims(self.id, lambda *replica: now - self._unclaimed_since[replica])
        made: dict[WorkerId, tuple[ProjectWorker, Claim]] = {}
        for claim in claims:
            if project_id in (None, claim.project.id):
                serving = self._workers.get(claim.project.id)
                worker = (
                    serving if serving and serving.state.status.goes_on else self._workers.make(claim.project, build)
                )
                made[worker.id] = worker, claim
        if not made:
            return
        known = {worker: worker.library.deployment for worker, _ in made.values()}
        won = self._store.leases.claim(
            self.rows.record(worker, worker.state, claim.replica) for worker, claim in made.values()
        )
        for worker, claim in (made[worker_id] for worker_id in won):
            worker.saved_deployment = known[worker]
            self._table.add(worker.project.id, Lease(worker.id, self.id, claim.replica, worker.state.status))
            if self._workers.get(worker.project.id) is not worker:
                self._workers.run(worker)

    def _settle(self, worker: ProjectWorker, wanted: WantedProject | None) -> None:
        """Bring one worker in line with what the database says of its project."""
        if wanted is None:
            self._workers.stop(worker)
            return
        lease = self._table.lease_of(worker.id, wanted.project.id)
        if lease is None and self._may_end(wanted):
            self._workers.stop(worker)
        elif lease is not None and self._should_let_go(lease, wanted):
            self._table.release({lease})
        elif lease is not None and not is_made_alike(worker.project, wanted.project):
            self._replace(worker, wanted.project)

    def _keep_up(self, worker: ProjectWorker, wanted: WantedProject | None) -> None:
        """Have a worker follow what is deployed, and say that it does."""
        if wanted is not None and worker.state.status.goes_on:
            is_behind = worker.library.note_seen(wanted.project.deployment)
            if is_behind or not self.rows.has_deployment(worker):
                self._follower.follow_later(worker)

    def _may_end(self, wanted: WantedProject) -> bool:
        if self._placement.is_covered(wanted):
            return True
        waits = self._is_replaced or self._placement.can_run_elsewhere(wanted.project, self.id)
        return self.membership.is_draining and not waits

    def _should_let_go(self, lease: Lease, wanted: WantedProject) -> bool:
        is_surplus = lease.replica >= replicas_of(wanted.project)
        return is_surplus or self._placement.belongs_elsewhere(wanted.project, self.id)

    def _replace(self, old: ProjectWorker, project: Project) -> None:
        """Start a new worker; the old one drains once the new one polls, so there is no gap."""
        worker = self._workers.make(project)
        self._store.leases.hand_on(old.id, self.rows.record(worker, worker.state))
        self._table.hand_on(project.id, old.id, worker.id)
        self._workers.run(worker)
        threading.Thread(target=self._end, args=[old, worker], name=f"replace-{old.id}", daemon=True).start()

    def _end(self, worker: ProjectWorker, after: ProjectWorker) -> None:
        """Stop `worker` when `after` polls or is stopped itself; in a thread, since that takes a while."""
        after.wait_for(WorkerStatus.RUNNING, WorkerStatus.STOPPING, WorkerStatus.STOPPED, timeout=threading.TIMEOUT_MAX)
        self._workers.stop(worker)

    def _end_abandoned_leases(self) -> None:
        """Settle claims of this host whose commit was not confirmed, so that no worker was started for them."""
        mine = {worker.id for worker in self._workers.all()}
        leases = (lease for each in self._table.wanted for lease in each.leases if lease.host_id == self.id)
        abandoned = [lease.worker_id for lease in leases if lease.worker_id not in mine]
        if abandoned:
            self._store.workers.mark_abandoned(abandoned, "the claim was not confirmed")

    def _rebalance(self) -> None:
        moving = sum(
            1
            for worker in self._workers
            if worker.state.status.goes_on and self._table.lease_of(worker.id, worker.project.id) is None
        )
        self._table.release(self._placement.moves(self.id, MOVES_AT_ONCE - moving))

    def _release_all(self) -> None:
        leases = (self._table.lease_of(worker.id, worker.project.id) for worker in self._workers)
        self._table.release({lease for lease in leases if lease is not None})
