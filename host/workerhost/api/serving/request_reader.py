"""From the bytes that a client sends to whole requests."""

import enum
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from workerhost.api.serving import refusals
from workerhost.api.serving.limits import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_TARGET_BYTES,
)

EVENTS_AT_ONCE = 32
"""Pieces of one request that are read before other connections have their turn."""


class Progress(enum.Enum):
    """How far the reader has come."""

    NEEDS_DATA = enum.auto()
    HAS_MORE = enum.auto()
    """Others should have their turn before it reads on."""
    IS_WHOLE = enum.auto()


@dataclass(frozen=True)
class Address:
    """What a request is about.

    Attributes:
        raw: as it was sent.
        path: percent-encoded, as it was sent.
        query: likewise, without the question mark.
        host: where the address names one; clients that speak to a proxy send it here and in the header `Host`.
    """

    raw: str
    path: str
    query: str
    host: str | None = None

    @classmethod
    def parse(cls, target: str) -> "Address":
        """Return the address in a request line.

        Raises:
            ValueError: it is none.
        """
        if target.startswith("/") or target == "*":
            path, _, query = target.partition("?")
            return cls(target, path, query)
        parts = urlsplit(target)
        if not parts.netloc:
            raise ValueError("neither a path nor a whole address")
        return cls(target, parts.path or "/", parts.query, parts.netloc)


class Stage(enum.Enum):
    """What a client is sending."""

    NOTHING = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()


@dataclass(frozen=True)
class WholeRequest:
    """A request that has arrived to its last byte."""

    method: str
    address: "Address"
    version: str
    headers: list[tuple[str, str]]
    """Names in lower case."""
    body: bytes


class RequestReader:
    """Reads the requests of one connection, one after the other. Belongs to the event loop.

    Attributes:
        protocol: also writes the answers.
        stage: what is being read.
        body_bytes: how much of the body has arrived.
    """

    def __init__(self) -> None:
        self.protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self.stage = Stage.NOTHING
        self.body_bytes = 0
        self._head: h11.Request | None = None
        self._body = bytearray()  # no list of pieces: one of two bytes takes twenty times as much memory

    @property
    def method(self) -> str:
        """The method of the request that is being read; GET as long as it is not known."""
        return self._head.method.decode() if self._head else "GET"

    @property
    def path(self) -> str:
        """The path of the request that is being read, as it was sent; empty as long as it is not known."""
        target = self._head.target.decode("latin-1") if self._head else ""
        return target.partition("?")[0]

    def header(self, name: bytes) -> str | None:
        """Return the header of the request that is being read; None where it has none of that name, or several."""
        found = [value for each, value in self._head.headers if each == name] if self._head else []
        return found[0].decode("latin-1") if len(found) == 1 else None

    def receive(self, data: bytes) -> None:
        """Take what the client has sent."""
        self.protocol.receive_data(data)
        if self.stage is Stage.NOTHING:
            self.stage = Stage.HEAD

    def advance(self) -> Progress:
        """Read on.

        Raises:
            RequestRefusedError: the request is no proper HTTP, or larger than it may be.
        """
        try:
            for _ in range(EVENTS_AT_ONCE):
                event = self.protocol.next_event()
                if isinstance(event, h11.Request):
                    self._begin(event)
                elif isinstance(event, h11.Data):
                    self._add(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    return Progress.IS_WHOLE
                else:
                    return Progress.NEEDS_DATA
        except h11.RemoteProtocolError as error:
            is_in_first_line = self._head is None and b"\n" not in self.protocol.trailing_data[0]
            if error.error_status_hint == 431 and is_in_first_line:
                raise refusals.address_too_long() from error
            raise refusals.malformed(error.error_status_hint) from error
        return Progress.HAS_MORE

    def request(self) -> WholeRequest:
        """Return the request that has arrived."""
        assert self._head is not None  # noqa: S101  it is whole
        head = self._head
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]
        return WholeRequest(self.method, self._address, head.http_version.decode(), headers, bytes(self._body))

    def next_request(self) -> None:
        """Begin the next request; what has arrived of it is not lost."""
        self.protocol.start_next_cycle()
        self.stage = Stage.HEAD if self.protocol.trailing_data[0] else Stage.NOTHING
        self.drop()
        self._head = None

    def drop(self) -> None:
        """Let go of the body."""
        self._body = bytearray()
        self.body_bytes = 0

    def _begin(self, head: h11.Request) -> None:
        self._head = head
        self.stage = Stage.BODY
        names = {name for name, _ in head.headers}
        has_two_lengths = {b"content-length", b"transfer-encoding"} <= names
        if has_two_lengths or head.http_version not in (b"1.0", b"1.1"):
            raise refusals.malformed()  # a proxy might take the other length for the true one
        if len(head.target) > MAX_TARGET_BYTES:
            raise refusals.address_too_long()
        try:
            self._address = Address.parse(head.target.decode())
        except ValueError as error:
            raise refusals.malformed() from error
        sizes = [len(name) + len(value) for name, value in head.headers]
        if len(sizes) > MAX_HEADERS or max(sizes, default=0) > MAX_HEADER_BYTES:
            raise refusals.headers_too_large()
        length = next((value for name, value in head.headers if name == b"content-length"), b"0")
        if int(length) > MAX_BODY_BYTES:
            raise refusals.body_too_large()

    def _add(self, data: bytes) -> None:
        self._body += data
        self.body_bytes += len(data)
        if self.body_bytes > MAX_BODY_BYTES:
            raise refusals.body_too_large()
