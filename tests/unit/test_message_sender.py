"""Messages to a project process that is slow to read, or has ended."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from workerhost.runtime.processes.message_sender import MessageSender
from workerhost.testing import eventually

LARGE = bytes(8 * 1024**2)
"""More than lies in the buffers of two sockets."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two sockets that are connected."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def _fill(connection: socket.socket, piece: int) -> int:
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            sent += connection.send(bytes(piece), socket.MSG_DONTWAIT)
    return sent


def _received(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += connection.recv(1024**2)
    return data


def test_what_there_is_room_for_is_sent_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sender = MessageSender(ours, pytest.fail)
    assert sender.send_at_once(b"one")
    sender.send(b"two")
    assert theirs.recv(10) == b"onetwo"


def test_the_rest_of_a_message_follows_before_the_next_one(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sender = MessageSender(ours, pytest.fail)
    assert sender.send_at_once(LARGE)
    assert not sender.send_at_once(b"not yet")
    waiting = threading.Thread(target=sender.send, args=[b"next"])
    waiting.start()
    assert _received(theirs, len(LARGE) + 4) == LARGE + b"next"
    waiting.join()
    eventually(lambda: sender.send_at_once(b"again"))


def test_nothing_of_a_message_is_sent_where_there_is_no_room(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sent = _fill(ours, 1024)
    sent += _fill(ours, 1)
    sender = MessageSender(ours, pytest.fail)
    assert not sender.send_at_once(b"first")
    _received(theirs, sent)
    assert sender.send_at_once(b"second")
    assert theirs.recv(10) == b"second"


def test_who_does_not_read_is_reported(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workerhost.runtime.processes.message_sender.SEND_SECONDS", 0.1)
    pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@qq", 0, 50_000))
    is_silent = threading.Event()
    MessageSender(pair[0], is_silent.set).send(LARGE)
    assert is_silent.is_set()


def test_who_has_ended_is_told_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.close()
    sender = MessageSender(ours, pytest.fail)
    assert sender.send_at_once(b"one")
    sender.send(b"two")
