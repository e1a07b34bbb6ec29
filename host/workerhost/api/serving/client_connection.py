"""One connection of a client: it reads a request, has it answered, and reads the next."""

import asyncio
import contextlib
import enum
import functools
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import h11

from workerhost.api.serving import refusals
from workerhost.api.serving.answer_writer import AnswerWriter, write_answer
from workerhost.api.serving.environ import STEP_ASIDE, STEP_OUT, WHEN_GONE, make_environ
from workerhost.api.serving.refusals import RequestRefusedError
from workerhost.api.serving.request_log import HEADER, RequestEntry
from workerhost.api.serving.request_reader import Progress, RequestReader, Stage

if TYPE_CHECKING:
    from workerhost.api.serving.call_server import CallServer

log = logging.getLogger(__name__)

FOREVER = float("inf")

_ID_HEADER = HEADER.lower().encode()

LAST_SECONDS = 1.0
"""How long a connection is kept for a request that may be on its way already, when the server stops."""


class State(enum.Enum):
    """What happens on a connection."""

    READING = enum.auto()
    """The client sends a request, or nothing."""
    ANSWERING = enum.auto()
    """The request is in a thread, or waits for one."""
    ENDING = enum.auto()
    """The last answer was written; what the client goes on sending is not looked at."""


class ClientGoneError(Exception):
    """The client has left, or does not read its answer."""


class ClientConnection(asyncio.Protocol):
    """A connection. Belongs to the event loop, except for methods whose docstring says otherwise.

    Args:
        server: what it is a connection of.

    Attributes:
        state: what happens on it.
        since: when it began to wait for its client, by the loop's clock.
        deadline: until when that may last.
        held: bytes of the request's body that are kept.
    """

    def __init__(self, server: "CallServer") -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._reader = RequestReader()
        self._can_send = threading.Event()
        self._is_full = False
        self._timed: Stage | None = None
        self._when_gone: Callable[[], None] | None = None
        self._early = b""
        self.state = State.READING
        self.since = 0.0
        self.deadline = FOREVER
        self.held = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  of a socket for streams
        self._transport = transport
        self._can_send.set()
        self._timed = Stage.NOTHING
        self._wait(self._server.limits.head_seconds)
        self._server.admit(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Have the thread that answers go on, and notice it."""
        self._can_send.set()
        self._hold(0)
        self._server.dismiss(self)
        if self._when_gone is not None:
            self._when_gone()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self.state is State.ANSWERING:  # a client that is watched sends its next request before it has the answer
            self._early += data
            self._transport.pause_reading()
        elif self._is_reading():
            self._reader.receive(data)
            self._note_stage()
            self._read_on()

    def pause_writing(self) -> None:
        """Have the thread that answers wait for the client."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Have the thread that answers go on, or read the next request."""
        self._is_full = False
        self._can_send.set()
        self._read_on()

    def end_with(self, error: RequestRefusedError) -> None:
        """End the connection, with this answer where the client has begun a request that is not answered."""
        if self._is_reading() and self._reader.stage is not Stage.NOTHING:
            self.refuse(error)
        else:
            self._transport.abort()

    def refuse(self, error: RequestRefusedError) -> None:
        """Answer with an error and end the connection. No thread may be answering."""
        self._reader.drop()
        self._hold(0)
        entry = self._entry()
        try:
            self._transport.write(error.write(self._writer(entry)))
        except h11.LocalProtocolError:  # nothing can be answered any more
            self._transport.abort()
        else:
            self._end()
            entry.write(error.status)

    def hurry(self) -> None:
        """Give the client little time for what it is about, since the server stops."""
        if self.state is not State.ANSWERING:
            self.deadline = min(self.deadline, self._loop.time() + LAST_SECONDS)

    def abort(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def _is_reading(self) -> bool:
        return self.state is State.READING and not self._transport.is_closing()

    def _read_on(self) -> None:
        if not self._is_reading() or self._is_full:  # who does not read answers may not ask for more
            return
        try:
            progress = self._reader.advance()
        except RequestRefusedError as error:
            self.refuse(error)
            return
        self._note_stage()
        self._hold(self._reader.body_bytes)
        if not self._is_reading():  # it had to make room for others
            return
        if progress is Progress.NEEDS_DATA:
            self._transport.resume_reading()
            return
        self._transport.pause_reading()
        if progress is Progress.IS_WHOLE:
            self._answer()
        else:
            self._loop.call_soon(self._read_on)

    def _note_stage(self) -> None:
        """Give the client time for the part of the request that it has begun."""
        stage, limits = self._reader.stage, self._server.limits
        if stage is self._timed:
            return
        self._timed = stage
        seconds = {Stage.NOTHING: limits.idle_seconds, Stage.HEAD: limits.head_seconds, Stage.BODY: limits.body_seconds}
        self._wait(seconds[stage])
        if stage is Stage.BODY and self._reader.protocol.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            self._transport.write(self._reader.protocol.send(go_on) or b"")

    def _wait(self, seconds: float) -> None:
        self.since = self._loop.time()
        self.deadline = self.since + (min(seconds, LAST_SECONDS) if self._server.is_stopping else seconds)

    def _hold(self, count: int) -> None:
        added, self.held = count - self.held, count
        self._server.note_held(added)

    def _end(self) -> None:
        """Let the client read its answer; a connection that is closed at once would take it away from the client."""
        self.state = State.ENDING
        self._transport.write_eof()
        is_written = self._transport.get_write_buffer_size() == 0
        self._wait(self._server.limits.linger_seconds if is_written else self._server.limits.write_seconds)
        self._transport.resume_reading()

    def _answer(self) -> None:
        self.state, self.deadline = State.ANSWERING, FOREVER
        entry = self._entry()
        environ = make_environ(
            self._reader.request(),
            entry,
            self._transport.get_extra_info("sockname"),
            self._transport.get_extra_info("peername"),
            is_one_of_many=self._server.is_one_of_many,
        )
        environ[STEP_ASIDE] = self._server.threads.step_aside
        environ[STEP_OUT] = self._server.threads.step_out
        environ[WHEN_GONE] = self._tell_when_gone
        self._server.threads.submit(functools.partial(self._run, environ, entry, self._writer(entry)))

    def _entry(self) -> RequestEntry:
        client, reader = self._transport.get_extra_info("peername"), self._reader
        sent_id = reader.header(_ID_HEADER)
        return RequestEntry(reader.method, reader.path, str(client[0]) if client else "", sent_id)

    def _writer(self, entry: RequestEntry) -> AnswerWriter:
        return AnswerWriter(
            self._reader.protocol, self._reader.method, self._send, lambda: self._server.is_stopping, entry.id
        )

    def _run(self, environ: dict[str, Any], entry: RequestEntry, writer: AnswerWriter) -> None:
        """Have the application answer. Called in a thread of the calls."""
        with entry.being_answered():
            rest = self._answer_of_application(environ, entry, writer)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the process is about to
            self._loop.call_soon_threadsafe(self._answered, rest)
        entry.write(writer.status)  # behind the answer, which does not wait for the log

    def _answer_of_application(
        self, environ: dict[str, Any], entry: RequestEntry, writer: AnswerWriter
    ) -> bytes | None:
        """Return the bytes that are left to be sent; None where the connection is to end."""
        rest: bytes | None = None
        try:
            rest = write_answer(self._server.application, environ, writer)
        except ClientGoneError:
            log.debug("a client has gone before its answer was written")
        except BaseException:  # also what ends a thread: the call would keep its place, and its client would wait
            log.exception("%s %s failed", entry.method, entry.path)
            writer.status = refusals.failed().status
            with contextlib.suppress(h11.LocalProtocolError):  # where a part of an answer was sent
                rest = refusals.failed().write(self._writer(entry), entry.id)
        return rest

    def _send(self, data: bytes) -> None:
        """Send a part of an answer. Called in a thread of the calls; waits while the client does not read."""
        if not self._can_send.wait(self._server.limits.write_seconds) or self._transport.is_closing():
            raise ClientGoneError
        self._can_send.clear()
        self._loop.call_soon_threadsafe(self._write, data)

    def _write(self, data: bytes) -> None:
        self._transport.write(data)
        if not self._is_full:
            self._can_send.set()

    def _tell_when_gone(self, tell: Callable[[], None]) -> None:
        """Have a function called on the loop when the client leaves before it has its answer. Called in a thread."""
        self._loop.call_soon_threadsafe(self._watch_client, tell)

    def _watch_client(self, tell: Callable[[], None]) -> None:
        if self._transport.is_closing():
            tell()
            return
        self._when_gone = tell
        self._transport.resume_reading()  # that it has left shows where it is read

    def _answered(self, rest: bytes | None) -> None:
        self._reader.drop()
        self._hold(0)
        self._when_gone = None
        if rest is None or self._transport.is_closing():
            self._transport.abort()
            return
        self._transport.write(rest)
        protocol = self._reader.protocol
        if protocol.our_state is not h11.DONE or protocol.their_state is not h11.DONE:
            self._end()
            return
        self.state, self._timed = State.READING, None
        self._reader.next_request()
        early, self._early = self._early, b""
        if early:
            self._reader.receive(early)
        self._note_stage()
        self._read_on()
