"""The proxy of a host: the one way to the network for project processes, each on a socket of its own."""

import asyncio
import resource
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from workerhost.errors import HostStoppingError
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.listener import Listener, Places, ProjectShare
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.targets import Connector, Resolver, Targets, connect, resolve

T = TypeVar("T")


class Opening:
    """The way out of one project process, as its owner holds it. Safe to use from any thread but the proxy's."""

    def __init__(self, proxy: "EgressProxy", listener: Listener) -> None:
        self._proxy = proxy
        self._listener = listener

    def close(self) -> None:
        """End its connections and remove its socket; returns once that is done. A second call does nothing."""
        self._proxy._close(self._listener)  # noqa: SLF001  the two are one thing to others


class EgressProxy:
    """Connects project processes to what they may reach. Safe to use from any thread but its own.

    All work is done in one thread, whose event loop owns every connection.

    Args:
        resolver: finds the addresses of a name; by default as this machine does.
        connector: connects to one address that was checked.
        limits: on what a project may take.
    """

    def __init__(
        self, resolver: Resolver = resolve, connector: Connector = connect, limits: EgressLimits | None = None
    ) -> None:
        self._resolver = resolver
        self._connector = connector
        self._limits = limits or EgressLimits()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # What follows belongs to the loop.
        self._places = Places(0)
        self._listeners: set[Listener] = set()
        self._projects: WeakValueDictionary[str, ProjectShare] = WeakValueDictionary()

    def start(self) -> None:
        """Start the thread; where it runs already, do nothing."""
        with self._lock:
            if self._loop is not None:
                return
            files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            self._places = Places(max(1, int(files * self._limits.share_of_files / 2)))
            self._loop = asyncio.SelectorEventLoop()
            self._loop.set_default_executor(ThreadPoolExecutor(self._limits.lookup_threads, "egress-lookup"))
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="egress-proxy", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close all that is open and end the thread; where there is none, do nothing."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            self._call(self._close_all())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = self._loop = None

    def open_for(self, project_id: str, path: Path, policy: NetworkPolicy) -> Opening:
        """Listen for one project process.

        Args:
            project_id: whose process it is.
            path: of the socket to make, at most 107 bytes; its folder must be closed to all but the process's user.
            policy: what the process may reach.

        Raises:
            HostStoppingError: the proxy is not running.
            OSError: there cannot be a socket of that path.
        """
        with self._lock:
            return Opening(self, self._call(self._listen(project_id, path, policy)))

    def _close(self, listener: Listener) -> None:
        with self._lock:
            if self._loop is not None:
                self._call(self._end(listener))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise HostStoppingError("this host lets no process out any more; ask again in a moment")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self, project_id: str, path: Path, policy: NetworkPolicy) -> Listener:
        project = self._projects.get(project_id) or ProjectShare(project_id, self._resolver, self._places, self._limits)
        self._projects[project_id] = project
        targets = Targets(policy, project.lookups, self._connector, self._limits)
        listener = Listener(path, project, targets)
        self._listeners.add(listener)
        return listener

    async def _end(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.discard(listener)
            await listener.close()

    async def _close_all(self) -> None:
        await asyncio.gather(*(self._end(each) for each in list(self._listeners)))
        # The rest: some outlive the process that they were made for.
        lookups = asyncio.all_tasks() - {asyncio.current_task()}
        for each in lookups:
            each.cancel()
        await asyncio.gather(*lookups, return_exceptions=True)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
