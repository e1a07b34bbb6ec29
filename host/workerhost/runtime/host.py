"""The host: runs the project workers of one process and makes the desired state so."""

import logging
import os
import queue
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TypeVar

import psutil

from workerhost.code.loading import LoadedBuild
from workerhost.errors import HostStoppingError, StoreUnavailableError
from workerhost.model import Project
from workerhost.runtime.build_library import BuildLibrary
from workerhost.runtime.project_worker import ProjectWorker, WorkerState
from workerhost.runtime.serving import WorkerContext
from workerhost.store import HostRecord, Store, WorkerRecord

T = TypeVar("T")
log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may keep the interpreter while others wait. Python's 5 ms let one CPU-bound activity slow every
answer of the control API to 32 ms (p99); with this it is under 6 ms."""

CURRENT_STATES = ("starting", "running", "failed")


class Host:
    """Runs project workers.

    Its table of workers belongs to the thread `workerhost-host`: every change is a command in that thread's queue.
    Commands return at once with a future or a worker to wait for; all methods may be called from any thread.

    Args:
        store: the desired state, and where workers and heartbeats are recorded.
        context: what the project workers share.
    """

    def __init__(self, store: Store, context: WorkerContext) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.machine = socket.gethostname()
        self.last_heartbeat: datetime | None = None
        self._store = store
        self._context = context
        self._workers: dict[str, ProjectWorker] = {}
        self._ending: set[ProjectWorker] = set()
        self._commanded_at: dict[str, float] = {}
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workerhost-host", daemon=True)

    def start(self) -> None:
        """Start the host's thread and register the host; with the database away it registers with a heartbeat."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._thread.start()
        try:
            self._register()
        except StoreUnavailableError as error:
            log.warning("%s", error)

    def worker(self, project_id: str) -> ProjectWorker | None:
        """Return the project's worker on this host, whatever state it is in."""
        return self._workers.get(project_id)

    def running(self) -> list[str]:
        """Return the ids of the projects whose worker polls, in order."""
        return sorted(key for key, worker in list(self._workers.items()) if worker.state.status == "running")

    def ensure_started(self, project: Project, build: LoadedBuild | None = None) -> ProjectWorker:
        """Start the project's worker unless it is there; publish `build` to it; have a failed one try again."""
        return self._command(lambda: self._ensure_started(project, build)).result()

    def ensure_stopped(self, project_id: str) -> ProjectWorker | None:
        """Ask the project's worker to drain and end; return it, or None where there is none."""
        return self._command(lambda: self._ensure_stopped(project_id)).result()

    def replace(self, project: Project, build: LoadedBuild) -> ProjectWorker:
        """Start a new worker for the project; the old one drains once the new one polls, so there is no gap."""
        return self._command(lambda: self._replace(project, build)).result()

    def reconcile(self) -> None:
        """Make what runs here what the database says should run. Blocks for a query.

        Raises:
            StoreUnavailableError: the database does not answer; everything goes on as it is.
        """
        asked_at = time.monotonic()
        wanted = self._store.projects.wanted()
        if not self._stopping.is_set():
            self._command(lambda: self._reconcile(wanted, asked_at)).result()

    def beat(self) -> None:
        """Write the heartbeat of this host and its workers, and what could not be written about them before.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        if self._store.hosts.beat(self.id):
            self.last_heartbeat = datetime.now(UTC)
            return
        if self._stopping.is_set():
            return
        self._register()
        self._store.workers.save(self._record(worker, worker.state) for worker in list(self._workers.values()))

    def stop(self, timeout: float) -> bool:
        """Drain all workers, for at most `timeout` seconds, and end; tell whether all ended in time.

        Calling this again, or before `start`, does nothing.
        """
        if self._stopping.is_set() or not self._thread.is_alive():
            return True
        self._stopping.set()
        workers = self._command(self._stop_all, even_when_stopping=True).result()
        deadline = time.monotonic() + timeout
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        self._commands.put(None)
        self._thread.join()
        try:
            self._store.hosts.remove([self.id])
        except StoreUnavailableError as error:
            log.warning("%s", error)
        return all(worker.join(0) for worker in workers)

    def _run(self) -> None:
        while (command := self._commands.get()) is not None:
            command()

    def _command(self, action: Callable[[], T], *, even_when_stopping: bool = False) -> "Future[T]":
        if self._stopping.is_set() and not even_when_stopping:
            raise HostStoppingError("this host is shutting down; ask again in a moment")
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(action())
            except Exception as error:
                future.set_exception(error)

        self._commands.put(run)
        return future

    def _ensure_started(self, project: Project, build: LoadedBuild | None) -> ProjectWorker:
        self._commanded_at[project.id] = time.monotonic()
        worker = self._workers.get(project.id)
        if worker is not None and worker.state.status in CURRENT_STATES and _same_worker(worker.project, project):
            if build is not None:
                worker.library.publish(build)
            if worker.state.status != "running":
                worker.retry()
            return worker
        return self._replace(project, build)

    def _replace(self, project: Project, build: LoadedBuild | None) -> ProjectWorker:
        old = self._workers.get(project.id)
        if old is not None and old.state.status != "stopped":
            library = old.library
        else:
            library = BuildLibrary(project.id, self._context.fetch, self._context.blocking_executor)
        if build is not None:
            library.publish(build)
        worker = ProjectWorker(project, self._context, self._save, library)
        self._workers[project.id] = worker
        worker.start()
        if old is not None:
            self._end(old, after=worker)
        return worker

    def _ensure_stopped(self, project_id: str) -> ProjectWorker | None:
        self._commanded_at[project_id] = time.monotonic()
        worker = self._workers.get(project_id)
        if worker is not None:
            worker.stop()
        return worker

    def _reconcile(self, wanted: list[Project], asked_at: float) -> None:
        if self._stopping.is_set():
            return
        # What was commanded since the database was asked is newer than its answer.
        self._commanded_at = {key: at for key, at in self._commanded_at.items() if at >= asked_at}
        self._workers = {key: worker for key, worker in self._workers.items() if worker.state.status != "stopped"}
        by_id = {project.id: project for project in wanted if project.id not in self._commanded_at}
        for project_id in self._workers.keys() - by_id.keys() - self._commanded_at.keys():
            self._workers[project_id].stop()
        for project in by_id.values():
            worker = self._workers.get(project.id)
            if worker is None or not _same_worker(worker.project, project):
                self._replace(project, None)

    def _stop_all(self) -> list[ProjectWorker]:
        workers = [*self._workers.values(), *self._ending]
        for worker in workers:
            worker.stop()
        return workers

    def _end(self, worker: ProjectWorker, after: ProjectWorker) -> None:
        """Stop `worker` when `after` polls, or has shown that it cannot; in a thread, since that takes a while."""
        self._ending.add(worker)

        def end() -> None:
            after.wait_for("running", "failed", "stopped", timeout=self._context.settings.start_timeout)
            worker.stop()
            worker.wait_for("stopped", timeout=2 * self._context.settings.drain_timeout)
            self._commands.put(lambda: self._ending.discard(worker))

        threading.Thread(target=end, name=f"replace-{worker.id}", daemon=True).start()

    def _register(self) -> None:
        self._mark_dead_hosts()
        self._store.hosts.register(self.id, self.machine, os.getpid())
        self.last_heartbeat = datetime.now(UTC)

    def _mark_dead_hosts(self) -> None:
        """Settle what hosts of this machine left behind when they were killed, without waiting for it to be stale."""
        dead = [host.id for host in self._store.hosts.on_machine(self.machine) if not _is_alive(host)]
        if dead:
            self._store.workers.mark_dead(dead)
            self._store.hosts.remove(dead)

    def _save(self, worker: ProjectWorker, state: WorkerState) -> None:
        try:
            self._store.workers.save([self._record(worker, state)])
        except StoreUnavailableError as error:
            log.warning("project %s is %s, which could not be written: %s", worker.project.id, state.status, error)

    def _record(self, worker: ProjectWorker, state: WorkerState) -> WorkerRecord:
        build = worker.library.current
        details = {
            "buildId": build.digest if build else None,
            "error": str(state.error) if state.error else None,
        }
        return WorkerRecord(
            worker_id=worker.id,
            project_id=worker.project.id,
            task_queue=worker.project.task_queue,
            status=state.status,
            host_id=self.id,
            machine=self.machine,
            process_id=os.getpid(),
            started_at=worker.started_at,
            stopped_at=worker.stopped_at,
            details={key: value for key, value in details.items() if value is not None},
        )


def _same_worker(running: Project, wanted: Project) -> bool:
    """Tell whether a worker that was made for `running` serves `wanted` as well."""
    return (running.task_queue, running.settings) == (wanted.task_queue, wanted.settings)


def _is_alive(host: HostRecord) -> bool:
    """Tell whether the host's process lives: a zombie does not, nor one that got the same id later."""
    try:
        process = psutil.Process(host.process_id)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= host.started_at.timestamp()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
