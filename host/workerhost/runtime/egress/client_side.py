"""The side of a connection on which the client of a project is: its request, and what it is answered."""

import asyncio
import select
import socket

import h11

from workerhost.code.sealing.relay import IdleClock, receive, send
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.refusals import REASONS, RefusedError

_LONGEST_REASON = 200
"""Characters of the first line of an answer that the sentence may have, which is where many programs show it."""


class ClientLeftError(Exception):
    """There is nobody to answer any more."""


class ClientSide:
    """Reads one request and writes its answer. Belongs to the proxy's loop, and closes nothing.

    Args:
        connection: does not block.
        limits: on the head of the request, and on how long a refused client is listened to.

    Attributes:
        has_answered: whether the answer has begun, so that no other can be given.
    """

    def __init__(self, connection: socket.socket, limits: EgressLimits) -> None:
        self.has_answered = False
        self._connection = connection
        self._limits = limits
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)

    async def head(self) -> h11.Request:
        """Return the head of the request.

        Raises:
            RefusedError: it is nonsense, too large or too slow.
            ClientLeftError: there is none.
            OSError: the connection is broken.
        """
        try:
            async with asyncio.timeout(self._limits.head_seconds), IdleClock(None) as clock:
                event = await self._next_event(clock)
        except TimeoutError:
            raise RefusedError(408, f"the head of the request took over {self._limits.head_seconds:g} s") from None
        if not isinstance(event, h11.Request):
            raise ClientLeftError
        return event

    async def body(self, clock: IdleClock) -> h11.Data | h11.EndOfMessage:
        """Return what comes next of the body.

        Raises:
            RefusedError: it is nonsense.
            ClientLeftError: it does not come to its end.
            OSError: the connection is broken.
        """
        event = await self._next_event(clock)
        if not isinstance(event, h11.Data | h11.EndOfMessage):
            raise ClientLeftError
        return event

    async def watch(self) -> None:
        """Wait until the client sends no more, or something that nobody reads.

        Raises:
            ClientLeftError: it does not wait for its answer any more.
            OSError: the connection is broken.
        """
        if await asyncio.get_running_loop().sock_recv(self._connection, 1) == b"":
            hung_up = select.poll()
            hung_up.register(self._connection, 0)
            if hung_up.poll(0):
                raise ClientLeftError

    async def send(
        self, event: h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage, clock: IdleClock
    ) -> None:
        """Write a part of the answer; returns once the socket has taken it.

        Raises:
            ClientLeftError: nobody takes it.
        """
        if isinstance(event, h11.InformationalResponse) and self._protocol.their_http_version == b"1.0":
            return  # that version does not know them
        self.has_answered |= isinstance(event, h11.Response)
        data = self._protocol.send(event) or b""
        try:
            await send(self._connection, data, clock)
        except OSError as error:
            raise ClientLeftError from error

    async def switch(self, clock: IdleClock) -> bytes:
        """Answer that the tunnel is there, and return what the client has sent through it already."""
        await self.body(clock)  # the end of none
        await self.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"), clock)
        return self._protocol.trailing_data[0]

    async def refuse(self, refusal: RefusedError) -> None:
        """Say why, and listen on for a moment: a client that is still sending would not read the answer otherwise.

        Raises:
            ClientLeftError: it is gone.
            OSError: the connection is broken.
        """
        if self.has_answered:
            raise ClientLeftError
        text = refusal.sentence.encode("ascii", "replace") + b"\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        reason = f"{REASONS[refusal.status]}: {refusal.sentence}"[:_LONGEST_REASON]
        answer = h11.Response(
            status_code=refusal.status,
            headers=[*headers, ("Connection", "close")],
            reason=reason.encode("ascii", "replace"),
        )
        async with asyncio.timeout(self._limits.linger_seconds), IdleClock(None) as clock:
            await self.send(answer, clock)
            await self.send(h11.Data(data=text), clock)
            self._connection.shutdown(socket.SHUT_WR)
            while await receive(self._connection, clock):
                pass

    async def _next_event(self, clock: IdleClock) -> object:
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                data = await receive(self._connection, clock)
                if not data:
                    raise ClientLeftError
                self._protocol.receive_data(data)
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == 431:
                reason = f"the head of the request has over {self._limits.head_bytes} bytes"
                raise RefusedError(431, reason) from error
            raise RefusedError(400, f"the request is not proper HTTP ({error})"[:_LONGEST_REASON]) from error
        return event
