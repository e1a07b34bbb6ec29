"""The one way out of a sealed process: a port of its own, from which each connection goes to a proxy of the host."""

import asyncio
import os
import socket
import threading
from pathlib import Path

from workerhost.code.sealing.relay import IdleClock, relay

CONNECTIONS = 128
"""At once; more than the proxy serves, so that it is the proxy that says why there cannot be another one."""

_PAUSE = 0.1
"""Seconds until the next try where this process can open no more files."""

_HALF_CLOSED_SECONDS = 60
"""The proxy ends a connection whose one side is silent; it waits as long once the other side sends no more."""

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


class WayOut:
    """Listens on a free port of the loopback address, and relays what comes to a UNIX socket.

    It is made before the process gives up to listen, and opened after it has given up everything: a thread keeps the
    rights that it has begun with. A process that is forked later uses the way out of its parent, while that lives.

    Args:
        path: of the socket, at which the proxy listens.

    Attributes:
        port: where programs of this process find the proxy.

    Raises:
        OSError: the loopback address does not work.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS)
        self._socket.settimeout(0)
        self.port: int = self._socket.getsockname()[1]

    def open(self) -> None:
        """Begin to relay, in a thread that does not keep the process from ending, and tell programs of the proxy."""
        address = f"http://127.0.0.1:{self.port}"
        for name in _VARIABLES:
            os.environ[name] = os.environ[name.upper()] = address
        for name in ("no_proxy", "NO_PROXY"):
            os.environ.pop(name, None)  # nothing is reached in another way
        threading.Thread(target=self._run, name="way-out", daemon=True).start()

    def _run(self) -> None:
        asyncio.SelectorEventLoop().run_until_complete(self._accept())

    async def _accept(self) -> None:
        places, relays = asyncio.Semaphore(CONNECTIONS), set[asyncio.Task[None]]()
        while True:
            await places.acquire()
            try:
                client, _ = await asyncio.get_running_loop().sock_accept(self._socket)
            except OSError:
                places.release()
                await asyncio.sleep(_PAUSE)
                continue
            task = asyncio.ensure_future(self._serve(client))
            relays.add(task)  # or it could be collected
            task.add_done_callback(relays.discard)
            task.add_done_callback(lambda _: places.release())

    async def _serve(self, client: socket.socket) -> None:
        try:
            with client, socket.socket(socket.AF_UNIX) as proxy:
                proxy.settimeout(0)
                await self._connect(proxy)
                async with IdleClock(None) as clock:
                    await relay(client, proxy, clock, _HALF_CLOSED_SECONDS)
        except OSError:
            pass  # whoever is on the other side sees the connection end

    async def _connect(self, proxy: socket.socket) -> None:
        while True:
            try:
                return proxy.connect(self._path)  # at once, or not at all: a UNIX socket has nothing to wait for
            except BlockingIOError:  # too many wait to be taken
                await asyncio.sleep(_PAUSE)
