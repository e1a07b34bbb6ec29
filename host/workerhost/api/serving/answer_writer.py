"""From what a WSGI application answers to the bytes of an HTTP response."""

from collections.abc import Callable, Iterable
from email.utils import formatdate
from types import TracebackType
from typing import Any
from wsgiref.types import WSGIApplication

import h11

from workerhost.api.serving.request_log import CLIENT_GONE, HEADER

PIECE_BYTES = 64 * 1024
"""How much of an answer of known length is gathered before it is sent."""

WITHOUT_BODY = (204, 304)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class AnswerWriter:
    """Writes one answer. Belongs to the thread that answers; nobody may read from `protocol` meanwhile.

    Args:
        protocol: of the connection.
        method: of the request.
        send: takes the bytes of an answer that is not at its end yet; it may block.
        is_last: tells whether the connection is to end with this answer.
        request_id: stands in the answer.

    Attributes:
        status: of the answer that was begun.
    """

    def __init__(
        self,
        protocol: h11.Connection,
        method: str,
        send: Callable[[bytes], None],
        is_last: Callable[[], bool],
        request_id: str,
    ) -> None:
        self._protocol = protocol
        self._method = method
        self._send = send
        self._is_last = is_last
        self._request_id = request_id
        self.status = CLIENT_GONE
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._held = bytearray()
        self._has_body = True
        self._is_stream = False
        self.has_begun = False
        """Whether the status can be changed no more."""

    def start_response(
        self, status: str, headers: Iterable[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        """Take status and headers, as WSGI demands; they are written with the first piece of the body."""
        if self._head is not None and exc_info is None:
            raise RuntimeError("start_response was called twice")
        if self.has_begun and exc_info is not None and exc_info[1] is not None:
            raise exc_info[1]
        self._head = status, list(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """Write a piece of the body. One that belongs to a stream is sent at once."""
        self._begin()
        if data and self._has_body:
            self._held += self._protocol.send(h11.Data(data=data)) or b""
        if self._held and (self._is_stream or len(self._held) >= PIECE_BYTES):
            self._send(bytes(self._held))
            self._held.clear()

    def end(self) -> bytes:
        """Return the bytes that are left to be sent."""
        self._begin()
        return bytes(self._held) + (self._protocol.send(h11.EndOfMessage()) or b"")

    def _begin(self) -> None:
        if self.has_begun:
            return
        if self._head is None:
            raise RuntimeError("start_response was not called")
        status, headers = self._head
        code, _, reason = status.partition(" ")
        names = {name.lower() for name, _ in headers}
        more = [("Date", formatdate(usegmt=True))] if "date" not in names else []
        more.append((HEADER, self._request_id))
        if self._is_last() and "connection" not in names:
            more.append(("Connection", "close"))
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in [*headers, *more]]
        self._has_body = self._method != "HEAD" and int(code) not in WITHOUT_BODY
        self._is_stream = "content-length" not in names
        response = h11.Response(status_code=int(code), headers=encoded, reason=reason.encode("latin-1"))
        self._held += self._protocol.send(response) or b""
        self.has_begun = True
        self.status = int(code)


def write_answer(application: WSGIApplication, environ: dict[str, Any], writer: AnswerWriter) -> bytes:
    """Have the application answer, and return the bytes that are left to be sent."""
    pieces = application(environ, writer.start_response)
    try:
        for piece in pieces:
            writer.write(piece)
        return writer.end()
    finally:
        if (close := getattr(pieces, "close", None)) is not None:
            close()
