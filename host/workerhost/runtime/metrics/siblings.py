"""The hosts behind one port tell each other their figures, over Unix sockets in a folder that is theirs alone."""

import contextlib
import logging
import os
import selectors
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

SUFFIX = ".sock"

ANSWER_SECONDS = 2.0
"""How long all siblings together are waited for."""

LONGEST_PATH = 107
"""Bytes that the path of a Unix socket may have: https://man7.org/linux/man-pages/man7/unix.7.html"""

_NAME_BYTES = 40
"""More than the name of a socket has."""

MOST_BYTES = 64 << 20
"""Of an answer: several times as many as the metrics of the largest host have."""

REST_SECONDS = 0.2
"""Until a sibling is taken again after that has failed."""

_LENGTH_BYTES = 8
_BACKLOG = 128


def make_folder() -> Path | None:
    """Make the folder for the sockets of the hosts behind a port, into which only the user of this process may look.

    Returns None, and says so in the log, where there is no place for one; each host then answers for itself.
    """
    usual = tempfile.gettempdir()
    place = usual if len(os.fsencode(usual)) + 2 * _NAME_BYTES < LONGEST_PATH else "/tmp"  # noqa: S108  in a folder of its own there
    try:
        return Path(tempfile.mkdtemp(prefix="workerhost-metrics-", dir=place))
    except OSError as error:
        log.warning("each host answers GET /metrics for itself: no folder can be made in %s: %s", place, error.strerror)
        return None


class SiblingServer:
    """Gives the text of this host to its siblings. `start` and `stop` belong to the main thread.

    Args:
        path: of the socket, in a folder that nobody else may look into.
        text: returns what is given; called in a thread of the server's own.
    """

    def __init__(self, path: Path, text: Callable[[], str]) -> None:
        self._path = path
        self._text = text
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="metrics-siblings", daemon=True)
        self._answering: list[threading.Thread] = []
        """Belongs to the thread, and to who stops when that has ended."""

    def start(self) -> None:
        """Listen, and start the thread."""
        unknown = self._path.with_suffix(".new")
        self._socket.bind(str(unknown))
        self._socket.listen(_BACKLOG)
        unknown.rename(self._path)  # only now, since a socket that refuses is taken for that of a dead host
        self._thread.start()

    def stop(self) -> None:
        """Take the socket away, and wait for all threads, a bounded time; calling this again does nothing."""
        self._stopped.set()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread
        if self._thread.ident is not None:
            until = time.monotonic() + ANSWER_SECONDS
            self._thread.join(ANSWER_SECONDS)
            for each in self._answering:
                each.join(max(0.0, until - time.monotonic()))
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                if self._stopped.wait(REST_SECONDS):
                    return
                continue  # there were too many open files, perhaps
            # Each in a thread of its own: one that has stopped must not keep the others waiting.
            answering = threading.Thread(target=self._answer, args=(connection,), name="metrics-sibling", daemon=True)
            answering.start()
            self._answering = [each for each in self._answering if each.is_alive()] + [answering]

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                text = self._text().encode()
                connection.sendall(len(text).to_bytes(_LENGTH_BYTES) + text)
            except OSError:
                log.debug("a sibling has left before it had the figures")
            except Exception:
                log.exception("the figures of this host cannot be put together")


class AskedSiblings:
    """Siblings that were asked for their texts, of which some may never answer. Belongs to one thread.

    Args:
        folder: where the sockets of all hosts are.
        own: the id of the host that asks.
    """

    def __init__(self, folder: Path, own: str) -> None:
        self._until = time.monotonic() + ANSWER_SECONDS
        self._connections = {
            path.stem: _connected(path) for path in sorted(folder.glob(f"*{SUFFIX}")) if path.stem != own
        }

    def answers(self) -> dict[str, str | None]:
        """Return the text of each sibling by its id; None where it does not answer in time."""
        read: dict[str, bytearray] = {}
        with selectors.DefaultSelector() as selector:
            for host_id, connection in self._connections.items():
                if connection is not None:
                    selector.register(connection, selectors.EVENT_READ, host_id)
            while selector.get_map() and (left := self._until - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if not _read(key.fileobj, read.setdefault(key.data, bytearray())):  # type: ignore[arg-type]
                        selector.unregister(key.fileobj)
        for connection in self._connections.values():
            if connection is not None:
                connection.close()
        return {host_id: _text(read.get(host_id)) for host_id in self._connections}


def _read(connection: socket.socket, into: bytearray) -> bool:
    """Read what is there; tell whether there may be more, and there is room for it."""
    try:
        part = connection.recv(1 << 20)
    except OSError:
        return False
    into += part
    return bool(part) and len(into) <= MOST_BYTES


def _text(answer: bytearray | None) -> str | None:
    """Return the text of an answer, or None where it is not whole."""
    if answer is None or len(answer) < _LENGTH_BYTES:
        return None
    length, text = int.from_bytes(answer[:_LENGTH_BYTES]), answer[_LENGTH_BYTES:]
    return text.decode(errors="replace") if len(text) == length else None


def _connected(path: Path) -> socket.socket | None:
    """Return a connection to the sibling, which asks it; None where it is gone or takes no more.

    The socket of one that was killed is taken away, so that it is missed once.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setblocking(False)  # noqa: FBT003  as the socket module has it
    try:
        connection.connect(str(path))
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
        connection.close()
        return None
    except OSError:
        connection.close()
        return None
    return connection
