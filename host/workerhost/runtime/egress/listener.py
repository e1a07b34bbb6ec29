"""The socket through which one project process reaches the proxy, and its connections."""

import asyncio
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

from workerhost.runtime.egress.exchange import Exchange
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.refusals import RefusalLog, RefusedError
from workerhost.runtime.egress.targets import Lookups, Resolver, Targets

_BACKLOG = 256
"""Connections that wait for their turn in the kernel: more than the process makes at once through its way out."""

_PAUSE = 0.1
"""Seconds until the next try where this process can open no more files."""


class Places:
    """How many connections there are in all, and may be. Belongs to the proxy's loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0


class ProjectShare:
    """What all processes of one project share. Belongs to the proxy's loop."""

    def __init__(self, project_id: str, resolver: Resolver, places: Places, limits: EgressLimits) -> None:
        self.places = places
        self.limits = limits
        self.lookups = Lookups(resolver, limits)
        self.refusals = RefusalLog(project_id, limits.log_lines)
        self.connections = 0
        self.turns = asyncio.Semaphore(limits.connections + limits.connections_to_refuse)


class Listener:
    """Takes the connections of one project process, and ends them. Belongs to the proxy's loop.

    Args:
        path: of the socket.
        project: what the process shares with others of its project.
        targets: what it may connect to.

    Raises:
        OSError: there cannot be a socket of that path.
    """

    def __init__(self, path: Path, project: ProjectShare, targets: Targets) -> None:
        self._path = path
        self._project = project
        self._targets = targets
        self._socket = _listen(path)
        self._connections: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.ensure_future(self._accept())

    async def close(self) -> None:
        """End all connections, and take no more."""
        tasks = [self._accepting, *self._connections]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()
        with suppress(OSError):
            self._path.unlink()

    async def _accept(self) -> None:
        while True:
            await self._readable()
            await self._project.turns.acquire()
            try:
                connection, _ = self._socket.accept()
            except OSError:
                self._project.turns.release()
                await asyncio.sleep(_PAUSE)
            else:
                connection.settimeout(0)
                self._begin(connection)
                await asyncio.sleep(1 / self._project.limits.accepts_a_second)

    async def _readable(self) -> None:
        """Wait until somebody calls. With `loop.sock_accept`, who is taken when this is cancelled would be lost."""
        loop, called = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._socket, called.set)
        try:
            await called.wait()
        finally:
            loop.remove_reader(self._socket)

    def _begin(self, connection: socket.socket) -> None:
        exchange = Exchange(connection, self._targets, self._project.refusals, self._project.limits)
        task = asyncio.ensure_future(exchange.run(self._refusal()))
        self._project.connections += 1
        self._project.places.taken += 1
        self._connections.add(task)
        task.add_done_callback(partial(self._end, connection))

    def _end(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        connection.close()
        self._connections.discard(task)
        self._project.connections -= 1
        self._project.places.taken -= 1
        self._project.turns.release()

    def _refusal(self) -> RefusedError | None:
        if self._project.connections >= self._project.limits.connections:
            return RefusedError(
                503, f"the project has {self._project.limits.connections} connections open, which is the most"
            )
        if self._project.places.taken >= self._project.places.most:
            return RefusedError(503, "the host has as many connections open for projects as it may; try again")
        return None


def _listen(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.settimeout(0)
        listening.bind(str(path))
        path.chmod(0o666)  # its folder says who may connect
        listening.listen(_BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening
