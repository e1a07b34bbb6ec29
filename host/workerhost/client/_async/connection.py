"""The connection of the asynchronous client to its service."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Self

import httpx

from workerhost.client import http_messages
from workerhost.client.calls.call import A, Call, CallForPage, P


class AsyncConnection:
    """Makes calls. The calls by name are in the classes that build on this one.

    Args:
        url: address of the service.
        timeout: seconds that any answer may take, beyond what the service waits for on purpose.
        headers: sent with each call, for example to a proxy that asks for a password.
        retries: how often a connection that fails, and a call that a busy service refuses, is tried again.
    """

    def __init__(
        self,
        url: str = http_messages.DEFAULT_URL,
        *,
        timeout: float = http_messages.ANSWER_SECONDS,
        headers: Mapping[str, str] | None = None,
        retries: int = http_messages.RETRIES,
    ) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._retries = retries
        transport = httpx.AsyncHTTPTransport(retries=retries, limits=http_messages.LIMITS)
        self._http = httpx.AsyncClient(transport=transport, **http_messages.options(self.url, headers))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[A]) -> A:
        """Make a call that `workerhost.client.calls` describes, and return its answer.

        Raises:
            ApiError: the service refuses the call.
            NoServiceError: no service answers in time.
            InvalidRequestError: what is sent cannot be written as JSON.
        """
        for retries_left in range(self._retries, -1, -1):
            try:
                response = await self._http.send(http_messages.request(self._http, call, self._timeout))
            except httpx.HTTPError as error:
                raise http_messages.no_answer(self.url, error) from error
            pause = http_messages.pause_before_retry(response)
            if pause is None or not retries_left:
                break
            await asyncio.sleep(pause)
        return http_messages.read(self.url, call, response)

    async def _pages(self, call_for: CallForPage[P]) -> AsyncIterator[P]:
        """Yield one page after the other, to the last one.

        Args:
            call_for: describes the call for each page.
        """
        cursor: str | None = None
        while True:
            page = await self.send(call_for(cursor))
            yield page
            cursor = page.cursor
            if cursor is None:
                return
