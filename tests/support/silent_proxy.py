"""A TCP proxy that forgets connections as routers do: they go silent, and nobody is told."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from workerhost.testing import free_port


class SilentProxy:
    """Forwards what comes to `address`. `forget` may be called from any thread."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._generation = 0
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Pass nothing on any more of the connections that there are, and keep them open."""
        self._generation += 1

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=[*pair, self._generation], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if generation < self._generation:
                    continue
                sink.sendall(data)
        if generation == self._generation:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def silent_proxy(address: str) -> Iterator[SilentProxy]:
    """A proxy in front of an address, for the length of the block."""
    host, _, port = address.rpartition(":")
    proxy = SilentProxy((host, int(port)))
    try:
        yield proxy
    finally:
        proxy.close()
