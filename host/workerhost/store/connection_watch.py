"""Ends connections to PostgreSQL that have gone silent without being closed, so that nobody waits for them for ever."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

LOOK_SECONDS = 1.0


@dataclass
class _Taken:
    """A connection that is taken; belongs to the lock of its watch."""

    connection: Any
    looks: int = 0
    """How often the watch has found it taken."""


class ConnectionWatch:
    """Watches the connections that are taken from a pool; its thread begins with the first.

    The kernel gives a connection up whose sent data nobody acknowledges. It does not where a proxy or a pooler does
    that and hands nothing on; and the driver waits for an answer without a limit.

    Time is counted in looks, so that a process that was stopped for a while, or a machine that had no time for it, does
    not take the connections for silent that it was using then.

    Args:
        engine: whose connections they are.
        seconds: how long one may be taken.
    """

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._seconds = seconds
        self._taken: dict[int, _Taken] = {}
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
            self._taken[id(record)] = _Taken(connection)
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="workerhost-database", daemon=True)
                self._thread.start()

    def _note_returned(self, _connection: object, record: object, *_more: object) -> None:
        with self._lock:
            self._taken.pop(id(record), None)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            with self._lock:  # so that none goes back, and on to somebody else, meanwhile
                for taken in self._taken.values():
                    taken.looks += 1
                    if taken.looks * LOOK_SECONDS > self._seconds:
                        with contextlib.suppress(Exception):  # it was closed in this moment
                            _shut_down(taken.connection.fileno())


def _shut_down(descriptor: int) -> None:
    """Have whoever reads from the connection see its end; does not block."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.shutdown(socket.SHUT_RDWR)
