"""The streams of events of the asynchronous client, over as many connections as it takes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
from httpx_sse import EventSource, ServerSentEvent

from workerhost.client import http_messages
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls.call import Call, without_none
from workerhost.client.errors import ApiError

RECONNECTS = 30
RECONNECT_SECONDS = 1.0
"""How often a lost connection is made again before anything comes of it, and how long is waited before each time."""

UNAVAILABLE = 503
"""The status where a host stops, and another one may answer."""

QUIET_SECONDS = 30.0
"""After which a connection counts as lost; the service sends something at least every ten."""


class AsyncStreams(AsyncConnection):
    """Reads streams of events."""

    async def _stream(self, call: Call[Any]) -> AsyncIterator[ServerSentEvent]:
        """Yield the events of a stream without an end. A connection that is lost is made again, from where it ended.

        Args:
            call: its answer is that of a refusal.

        Raises:
            ApiError: the service refuses the call.
            NoServiceError: no service answers for half a minute, or none at first.
        """
        last, failures = "", RECONNECTS
        while True:
            try:
                async for event in self._events(call, last):
                    last, failures = event.id or last, 0
                    yield event
            except ApiError as error:
                if error.status != UNAVAILABLE or failures >= RECONNECTS:
                    raise
            except httpx.HTTPError as error:
                if failures >= RECONNECTS:
                    raise http_messages.no_answer(self.url, error) from error
            failures += 1
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _events(self, call: Call[Any], last: str) -> AsyncIterator[ServerSentEvent]:
        """Yield the events of one connection."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        query = without_none(call.query) or None
        async with self._http.stream(
            call.method, call.path, params=query, headers=headers, timeout=QUIET_SECONDS
        ) as response:
            if response.is_error:
                await response.aread()
                http_messages.read(self.url, call, response)
            async for event in EventSource(response).aiter_sse():
                yield event
