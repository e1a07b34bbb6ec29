"""Ends connections to PostgreSQL that have gone silent without being closed, so that nobody waits for them for ever."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, event

LOOK_SECONDS = 1.0


class ConnectionWatch:
    """Watches the connections that are taken from a pool; its thread begins with the first.

    The kernel gives a connection up whose sent data nobody acknowledges. It does not where a proxy or a pooler does
    that and hands nothing on; and the driver waits for an answer without a limit.

    Args:
        engine: whose connections they are.
        seconds: how long one may be taken.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._seconds = seconds
        self._taken: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        event.listen(engine, "checkout", self._note_taken)
        for name in ("checkin", "detach", "invalidate"):
            event.listen(engine, name, self._note_returned)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Leave connections alone for as long as the block takes, which may be long, as a migration."""
        seconds, self._seconds = self._seconds, float("inf")
        try:
            yield
        finally:
            self._seconds = seconds

    def stop(self) -> None:
        """End the thread; calling this again does nothing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _note_taken(self, connection: Any, record: object, _proxy: object) -> None:
        with self._lock:
            self._taken[id(record)] = time.monotonic(), connection
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="workerhost-database", daemon=True)
                self._thread.start()

    def _note_returned(self, _connection: object, record: object, *_more: object) -> None:
        with self._lock:
            self._taken.pop(id(record), None)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:  # so that none goes back, and on to somebody else, meanwhile
                for since, connection in self._taken.values():
                    if now - since > self._seconds:
                        with contextlib.suppress(Exception):  # it was closed in this moment
                            _shut_down(connection.fileno())


def _shut_down(descriptor: int) -> None:
    """Have whoever reads from the connection see its end; does not block."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.shutdown(socket.SHUT_RDWR)
