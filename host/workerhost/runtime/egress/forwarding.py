"""A request for a web page that is not encrypted: its parts go on as they come, and so does the answer."""

import asyncio
import socket
from collections.abc import Iterator

import h11

from workerhost.code.sealing.relay import IdleClock, receive, send
from workerhost.runtime.egress.client_side import ClientLeftError, ClientSide
from workerhost.runtime.egress.refusals import RefusedError
from workerhost.runtime.egress.requests import Asked, end_to_end, forwarded_request, forwarded_response


class Forwarding:
    """Sends one request on, and its answer back. Belongs to the proxy's loop, and closes nothing.

    Args:
        client: has given its head.
        target: a socket that is connected to the target.
        clock: runs while nothing moves.
        head_bytes: that the head of an answer may have.
    """

    def __init__(self, client: ClientSide, target: socket.socket, clock: IdleClock, head_bytes: int) -> None:
        self._client = client
        self._target = target
        self._clock = clock
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=head_bytes)

    async def run(self, head: h11.Request, asked: Asked) -> None:
        """Forward the request whose head this is.

        Raises:
            RefusedError: the target does not answer, or with nonsense, or the client sends such.
            ClientLeftError: nobody is there to read the answer, or to know that it is not whole.
            OSError, TimeoutError: of the target, in the middle of its answer.
        """
        try:
            await send(self._target, self._protocol.send(forwarded_request(head, asked)) or b"", self._clock)
            async with asyncio.TaskGroup() as group:
                upload = group.create_task(self._upload())
                await self._download()
                upload.cancel()
        except (OSError, h11.ProtocolError) as error:
            raise self._error_of(error, asked) from error
        except ExceptionGroup as several:
            first = several.exceptions[0]
            raise self._error_of(first, asked) from first

    def _error_of(self, error: Exception, asked: Asked) -> Exception:
        if self._client.has_answered or isinstance(error, RefusedError | ClientLeftError):
            return error
        return RefusedError(502, f"{asked.host}:{asked.port} did not answer as a web server does", str(error))

    async def _upload(self) -> None:
        """Send the body on. Where the target takes no more of it, its answer may say why."""
        event: h11.Data | h11.EndOfMessage | None = None
        while not isinstance(event, h11.EndOfMessage):
            event = await self._client.body(self._clock)
            data = self._protocol.send(h11.Data(data=event.data) if isinstance(event, h11.Data) else h11.EndOfMessage())
            try:
                await send(self._target, data or b"", self._clock)
            except OSError:
                return
            await asyncio.sleep(0)  # a body in many small pieces arrives with one look at the socket
        await self._client.watch()

    async def _download(self) -> None:
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                self._protocol.receive_data(await receive(self._target, self._clock))
                continue
            for each in _going_back(event):
                await self._client.send(each, self._clock)
            if isinstance(event, h11.EndOfMessage):
                return
            await asyncio.sleep(0)  # likewise


def _going_back(event: object) -> Iterator[h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage]:
    """Yield what the client gets of a part of the answer; what follows a body is no longer waited for by anyone."""
    if isinstance(event, h11.Response):
        yield forwarded_response(event)
    elif isinstance(event, h11.InformationalResponse):
        yield h11.InformationalResponse(status_code=event.status_code, headers=end_to_end(event.headers))
    elif isinstance(event, h11.Data):
        yield h11.Data(data=event.data)
    elif isinstance(event, h11.EndOfMessage):
        yield h11.EndOfMessage()
