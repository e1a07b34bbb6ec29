"""This host among the others: its row, its heartbeats, and what it makes of hosts whose heartbeats have stopped."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from workerhost.code.sealing.survey import survey
from workerhost.errors import HostStoppingError
from workerhost.installed import version
from workerhost.plugins import Plugins
from workerhost.runtime.hosts.deployment_trust import DeploymentTrust, boot_time
from workerhost.runtime.observing.observers import Observer
from workerhost.settings import Settings
from workerhost.store import HostRecord, Store
from workerhost.store.workers import FELL_SILENT
from workerhost.words import HostId

log = logging.getLogger(__name__)


class Membership:
    """The row of this host, and the last look at all of them.

    `beat` belongs to the thread of the heartbeat job, `register` to the main thread before that runs, `leave` to
    whoever stops the host afterwards; `hosts`, `is_draining` and `is_replaced` may be read from any thread.

    Args:
        store: where the hosts are.
        settings: capacity, pools and the lease timeout.
        plugins: those of this process; what they are called and in which version goes into the row.
        observer: learns what becomes of workers of other hosts.
    """

    def __init__(self, store: Store, settings: Settings, plugins: Plugins, observer: Observer) -> None:
        self._store = store
        self._observer = observer
        self._plugins = plugins
        self._lease_timeout = settings.lease_timeout
        self.me = HostRecord(
            id=HostId(uuid.uuid4().hex[:12]),
            machine=socket.gethostname(),
            process_space=_process_space(),
            process_id=os.getpid(),
            version=version("workerhost"),
            capacity=settings.capacity,
            pools=settings.pools,
            started_at=datetime.now(UTC),
        )
        self.hosts: list[HostRecord] = []
        self._known: dict[HostId, HostRecord] | None = None
        self.is_draining = False
        self.is_replaced = False
        self.trust = DeploymentTrust(settings.lease_timeout)
        self._beaten_at = float("-inf")
        """When the last heartbeat that was written was begun."""
        self._judges_from = boot_time() + self._lease_timeout
        self._beating = threading.Lock()
        self._has_left = False

    @property
    def heartbeat_age(self) -> float:
        """Seconds since the last heartbeat that was written; infinite where none was."""
        return boot_time() - self._beaten_at

    def register(self) -> None:
        """Add the row and look at the others.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with self._beating:
            self._register(boot_time())

    def beat(self, running: int) -> bool:
        """Write the heartbeat, look at the others and settle what dead ones left; False where the row was gone.

        Raises:
            HostStoppingError: the host has left, and does not register again.
            StoreUnavailableError: the database does not answer.
        """
        with self._beating:  # the heartbeat job and a host that drains may both come
            if self._has_left:
                raise HostStoppingError()
            began = boot_time()
            if not self._store.hosts.beat(self.me.id, running, is_draining=self.is_draining):
                self._register(began)
                return False
            self._note_beat(began)
            self._look()
            return True

    def drain(self, running: int, *, is_replaced: bool) -> None:
        """Have the others know that this host takes nothing more.

        Args:
            running: how many projects it runs.
            is_replaced: whether other hosts are on their way to take those over.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self.is_draining, self.is_replaced = True, is_replaced
        self.beat(running)

    def leave(self) -> None:
        """Take the row away.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._has_left = True  # at once: where each heartbeat waits for the database, the next may come first again
        with self._beating:
            self._store.hosts.remove([self.me.id])

    def _register(self, began: float) -> None:
        reports = self._plugins.reports()
        working = {report.name: report.version for report in reports if report.error is None}
        me = replace(self.me, plugins=working, isolation=survey().names, is_draining=self.is_draining)
        self._store.hosts.register(me)
        self._note_beat(began)
        self._look()

    def _note_beat(self, began: float) -> None:
        ended = boot_time()
        if ended - self._beaten_at > self._lease_timeout:
            # It was this host that was late: asleep, or without the database. Perhaps the others were, too.
            self._judges_from = ended + self._lease_timeout
        self._beaten_at = began
        self.trust.note_beat(began)

    def _look(self) -> None:
        hosts = self._store.hosts.all(self._lease_timeout)
        others = [host for host in hosts if host.id != self.me.id]
        dead = {host.id for host in others if host.process_space == self.me.process_space and not _is_alive(host)}
        late = {host.id for host in others if host.is_late} if boot_time() >= self._judges_from else set()
        self._settle(dead, "the host's process ended without a stop")
        self._settle(late - dead, FELL_SILENT)
        self.hosts = [host for host in hosts if host.id not in dead | late]
        self._say_who_came(dead | late)

    def _say_who_came(self, lost: set[HostId]) -> None:
        """Say which hosts are new, and which have left in good order, since the last look."""
        former, self._known = self._known, {host.id: host for host in self.hosts if host.id != self.me.id}
        if former is None:  # the first look: those were there before
            return
        for host in (each for host_id, each in self._known.items() if host_id not in former):
            fields = {"other_host": host.id, "machine": host.machine, "version": host.version}
            log.info("host %s on %s has joined", host.id, host.machine, extra=fields)
        for host in (each for host_id, each in former.items() if host_id not in self._known and host_id not in lost):
            log.info("host %s on %s is there no more", host.id, host.machine, extra={"other_host": host.id})

    def _settle(self, host_ids: Iterable[HostId], reason: str) -> None:
        ids = sorted(host_ids)
        if ids:
            count = self._store.workers.mark_lost(ids, reason)
            self._store.hosts.remove(ids)
            self._observer.workers_lost(count)
            fields = {"lost_hosts": ids, "workers": count}
            log.warning("%s: %s; its %d worker(s) are free for others", ", ".join(ids), reason, count, extra=fields)


def _process_space() -> str:
    """Return what processes share that see each other's ids: the boot of the kernel and the namespace of process ids.

    Host names would not do: containers and fresh machines may well have the same one.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {Path('/proc/self/ns/pid').readlink()}"


def _is_alive(host: HostRecord) -> bool:
    """Tell whether the host's process lives: a zombie does not, nor one that got the same id later."""
    try:
        process = psutil.Process(host.process_id)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.create_time() <= host.started_at.timestamp()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
