"""A TCP proxy that forgets connections as routers do: they go silent, and nobody is told."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from workerhost.testing import free_port


class SilentProxy:
    """Forwards what comes to `address`, to a host and port or to a socket in a folder. Safe to use from any thread."""

    def __init__(self, target: tuple[str, int] | str) -> None:
        self._target = target
        self._generation = 0
        self._is_cut = False
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Pass nothing on any more of the connections that there are, and keep them open."""
        self._generation += 1

    def cut(self) -> None:
        """Pass nothing on any more, of any connection, until `mend`."""
        self._is_cut = True
        self.forget()

    def mend(self) -> None:
        """Pass on what comes over new connections."""
        self._is_cut = False

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._connect()
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=[*pair, self._generation], daemon=True).start()

    def _connect(self) -> socket.socket:
        if not isinstance(self._target, str):
            return socket.create_connection(self._target)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._target)
        return server

    def _pass_on(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._is_cut or generation < self._generation:
                    continue
                sink.sendall(data)
        if not self._is_cut and generation == self._generation:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def silent_proxy(address: str) -> Iterator[SilentProxy]:
    """A proxy in front of `host:port` or the path of a socket, for the length of the block."""
    host, _, port = address.rpartition(":")
    proxy = SilentProxy(address if address.startswith("/") else (host, int(port)))
    try:
        yield proxy
    finally:
        proxy.close()
