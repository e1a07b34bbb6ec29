"""What a host and a project process say to each other, over a stream socket.

What goes to the process may be pickled, since a host is trusted there. What comes back is numbers and protobuf, and its
size is bounded: the process may be anybody's.
"""

import socket
import struct
import threading
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("!IBQ")
_SIZE = struct.Struct("!I")

MOST_BYTES = 16 * 1024**2
"""Of one message from a process. What Temporal takes is a quarter of that, and the host can say so of what is more."""


class Kind(IntEnum):
    """What a message is."""

    SETUP = 1
    """To the process, first: a pickled `Setup`."""
    BUILD = 2
    """A pickled build to load, which later messages name by its id; answered when it is."""
    FORGET = 3
    """A build's id; nothing will name it again."""
    BEGIN = 4
    """A run to begin or to replay: its build's id, its pickled details, its first activation."""
    ACTIVATE = 5
    """An activation of a run that was begun."""
    EVICT = 9
    """An activation that only says that a run leaves the cache; it has no answer."""
    ACTIVITY = 6
    """A build's id, and an activity task that starts."""
    PLUGIN_ACTIVITY = 13
    """A plugin's function, pickled, and an activity task that starts."""
    CANCEL = 7
    """An activity task that is cancelled; the number is that of its start."""
    SHUTDOWN = 8
    """The worker drains; its activities may want to know."""

    READY = 20
    """From the process, first: it is sealed and set up."""
    DONE = 21
    """The answer to the message of that number: a completion, or the result of an activity."""
    FAILED = 22
    """Why there is no other answer to the message of that number, as text."""
    HEARTBEAT = 23
    """The payloads of a heartbeat of the activity whose start has that number."""


@dataclass(frozen=True)
class Message:
    """One message."""

    kind: Kind
    number: int
    parts: tuple[bytes, ...]


class NonsenseError(Exception):
    """What came is no message."""


def encode(kind: Kind, number: int, *parts: bytes) -> bytes:
    """Return a message as it is sent."""
    body = b"".join(piece for part in parts for piece in (_SIZE.pack(len(part)), part))
    return _HEAD.pack(len(body), kind, number) + body


class Decoder:
    """Makes messages of what a process sends. Belongs to the thread that reads."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take what was received, and return the messages that are whole by now.

        Raises:
            NonsenseError: it is none, or too large.
        """
        self._received += data
        messages: list[Message] = []
        while len(self._received) >= _HEAD.size:
            size, kind, number = _HEAD.unpack_from(self._received)
            if size > MOST_BYTES:
                raise NonsenseError(
                    f"a message of {size / 1024**2:.1f} MiB, where {MOST_BYTES // 1024**2} MiB are taken"
                )
            if len(self._received) < _HEAD.size + size:
                break
            body = bytes(self._received[_HEAD.size : _HEAD.size + size])
            del self._received[: _HEAD.size + size]
            messages.append(_message(kind, number, body))
        return messages


class HostConnection:
    """A project process's side. `receive` may be called by one thread at a time, `send` by any."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._writing = threading.Lock()

    def receive(self) -> Message | None:
        """Wait for the next message, and return it; None where the host has hung up."""
        head = self._stream.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        size, kind, number = _HEAD.unpack(head)
        body = self._stream.read(size)
        return _message(kind, number, body) if len(body) == size else None

    def send(self, kind: Kind, number: int, *parts: bytes) -> None:
        """Send a message; blocks while the host does not read."""
        with self._writing:
            self._connection.sendall(encode(kind, number, *parts))


def _message(kind: int, number: int, body: bytes) -> Message:
    parts, at = [], 0
    while at < len(body):
        if at + _SIZE.size > len(body):
            raise NonsenseError("a message whose parts do not fill it")
        (size,) = _SIZE.unpack_from(body, at)
        at += _SIZE.size + size
        if at > len(body):
            raise NonsenseError("a message whose parts do not fill it")
        parts.append(body[at - size : at])
    try:
        return Message(Kind(kind), number, tuple(parts))
    except ValueError:
        raise NonsenseError(f"a message of unknown kind {kind}") from None
