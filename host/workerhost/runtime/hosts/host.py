"""The host: runs the project workers of one process and makes the desired state so."""

import contextlib
import logging
import sys
import threading
import time

from workerhost.errors import HostStoppingError, StoreUnavailableError, WorkerhostError
from workerhost.model import Deployment, Project
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.command_thread import CommandThread
from workerhost.runtime.hosts.deployment_follower import follow
from workerhost.runtime.hosts.membership import Membership
from workerhost.runtime.hosts.reconciler import Reconciler
from workerhost.runtime.hosts.worker_rows import WorkerRows
from workerhost.runtime.hosts.worker_table import WorkerTable
from workerhost.runtime.workers.project_worker import ProjectWorker
from workerhost.runtime.workers.worker_loop import CANCEL_SECONDS
from workerhost.settings import Settings
from workerhost.store import WantedProject
from workerhost.words import WorkerStatus

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may keep the interpreter while others wait. Python's 5 ms let one CPU-bound activity slow every
answer of the control API to 32 ms (p99); with this it is under 6 ms."""

HAND_OVER_LOOK_SECONDS = 0.1
"""How often a host that ends looks whether others have taken over."""


class Host:
    """Runs project workers: those that this host has leased, and those whose successors elsewhere do not poll yet.

    What changes which workers run is a command for the thread `workerhost-host`, to which the reconciler belongs. All
    methods may be called from any other thread; they wait for that one.

    Args:
        settings: how long the end of a host may take.
        membership: this host's place among the others.
        workers: those of this host.
        rows: where they are recorded.
        reconciler: makes the desired state so.
    """

    def __init__(
        self,
        settings: Settings,
        membership: Membership,
        workers: WorkerTable,
        rows: WorkerRows,
        reconciler: Reconciler,
    ) -> None:
        self.membership = membership
        self.id = membership.me.id
        self.rows = rows
        self._settings = settings
        self._workers = workers
        self._reconciler = reconciler
        self._stopping = threading.Event()
        self._thread = CommandThread("workerhost-host")

    def start(self) -> None:
        """Start the host's thread and register the host; with the database away it registers with a heartbeat."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._thread.start()
        try:
            self.membership.register()
        except StoreUnavailableError as error:
            log.warning("%s", error)

    @property
    def look_interval(self) -> float:
        """Seconds between two looks of a host at what should run."""
        return self._settings.reconcile_interval

    def worker(self, project_id: str) -> ProjectWorker | None:
        """Return the project's worker on this host, whatever state it is in."""
        return self._workers.get(project_id)

    def workers(self) -> list[ProjectWorker]:
        """Return the workers that serve a project here, whatever state they are in."""
        return list(self._workers)

    def running(self) -> list[str]:
        """Return the ids of the projects whose worker polls here, in order."""
        return sorted(worker.project.id for worker in self._workers if worker.state.status == WorkerStatus.RUNNING)

    def project_builds(self) -> list[ProjectBuilds]:
        """Return the builds of the projects that this host runs."""
        return [worker.builds for worker in self._workers if worker.state.status.goes_on]

    def obstacle(self, project: Project) -> str | None:
        """Say why no host can run the project, as of the last look; None where nothing speaks against it."""
        return self._reconciler.placement.obstacle(project)

    def last_seen(self, project_id: str) -> WantedProject | None:
        """Return the project and who runs it, on any host, as of the last look; None where it should not run."""
        return self._reconciler.placement.wanted(project_id)

    def reconcile(self, project_id: str | None = None, build: ProjectBuild | None = None) -> None:
        """Make what runs here what the database says should run: of one project, or of all.

        Args:
            project_id: the project to look at; all where it is not given.
            build: the project's current build, so that a worker that is started need not load it once more.

        Raises:
            StoreUnavailableError: the database does not answer; everything goes on as it is.
            HostStoppingError: the host ends.
        """
        if self._stopping.is_set():
            raise HostStoppingError()
        self._thread.call(lambda: self._reconciler.reconcile(project_id, build))

    def beat(self) -> None:
        """Write the heartbeat of this host; register it and its workers again where it was taken for dead.

        Raises:
            HostStoppingError: the host has ended.
            StoreUnavailableError: the database does not answer.
        """
        workers = list(self._workers)
        if not self.membership.beat(len(self.running())):
            log.warning("this host had been taken for dead, and has registered again")
            for worker in workers:
                self.rows.save_again(worker)
        self.rows.flush()

    def note_temporal(self, error: Exception | None) -> None:
        """Have the workers that poll say that Temporal does not answer them, or that it does again."""
        for worker in self._workers:
            worker.note_temporal(error)

    def note_trouble(self, project_id: str, error: Exception | None) -> None:
        """Have the project's worker say that its processes die again and again, or that they do no more."""
        worker = self._workers.get(project_id)
        if worker is not None:
            worker.note_trouble(error)

    def look_for_life(self) -> None:
        """Have workers that execute nothing noticed."""
        for worker in self._workers:
            worker.look_for_life()

    def adopt(self, project_id: str, deployment: Deployment | None = None) -> None:
        """Have the project's worker here, if there is one, follow what is deployed by now; blocks while it does.

        Args:
            project_id: of the project.
            deployment: what is deployed, if that is known: a worker that follows it need not look.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        worker = self._workers.get(project_id)
        if worker is not None and (deployment is None or worker.builds.deployment.known != deployment):
            follow(worker)

    def stop(self, *, is_replaced: bool = False) -> bool:
        """Hand all projects over, drain the workers, and end; tell whether all of them ended in time.

        Takes at most the hand-over timeout, the drain timeout and a little more. Calling this again, or before
        `start`, does nothing.

        Args:
            is_replaced: whether other hosts are on their way, so that it is worth waiting where none is there yet.
        """
        if self._stopping.is_set() or not self._thread.is_alive:
            return True
        began = time.monotonic()
        self._stopping.set()
        count = len(self.running())
        log.info("this host ends: others take its %d project(s), and running activities end", count)
        self._hand_over(is_replaced=is_replaced)
        workers = self._thread.call(self._workers.stop_all)
        deadline = time.monotonic() + self._settings.drain_timeout + 2 * CANCEL_SECONDS
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        self._thread.stop()
        self.rows.flush()
        with contextlib.suppress(StoreUnavailableError):
            self.membership.leave()
        have_ended = all(worker.join(0) for worker in workers)
        seconds = round(time.monotonic() - began, 2)
        fields = {"seconds": seconds, "have_ended": have_ended}
        log.info("this host has given up all projects, after %g s", seconds, extra=fields)
        return have_ended

    def _hand_over(self, *, is_replaced: bool) -> None:
        """Let others take this host's projects, as long as there are others who can."""
        deadline = time.monotonic() + self._settings.hand_over_timeout
        try:
            self.membership.drain(len(self.running()), is_replaced=is_replaced)
            self._thread.call(self._reconciler.release_all)
            while any(each.state.status.goes_on for each in self._workers):
                if time.monotonic() > deadline:
                    log.warning("no other host took all projects over in time")
                    return
                changes = self.rows.changes
                self._thread.call(lambda: self._reconciler.reconcile(None))
                self.rows.wait_for_change(changes, HAND_OVER_LOOK_SECONDS)
        except WorkerhostError as error:
            log.warning("the projects of this host are not handed over: %s", error)
