"""The calls of the asynchronous client that watch runs."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
from httpx_sse import EventSource, ServerSentEvent

from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.client import http_messages
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import steps as calls
from workerhost.client.calls.call import Call
from workerhost.client.errors import ApiError
from workerhost.words import ExecutionStatus

KINDS: Mapping[str, type[StepInfo | ExecutionInfo]] = {"step": StepInfo, "status": ExecutionInfo}
"""What events of the stream hold."""

RECONNECTS = 30
RECONNECT_SECONDS = 1.0
"""How often a lost connection is made again before anything comes of it, and how long is waited before each time."""

UNAVAILABLE = 503
"""The status where a host stops, and another one may answer."""

QUIET_SECONDS = 30.0
"""After which a connection counts as lost; the service sends something at least every ten."""


class AsyncWatchCalls(AsyncConnection):
    """Runs, as they happen."""

    async def watch(self, project_id: str, workflow_id: str) -> AsyncIterator[StepInfo | ExecutionInfo]:
        """Yield what happens in the latest run of that workflow id, until its end.

        A step is yielded when it begins and each time that it changes, the execution at the beginning, at the end, and
        when it stops going on. A connection that is lost is made again, from where it ended.

        Args:
            project_id: the project.
            workflow_id: of the run.
        """
        call, last, failures = calls.events(project_id, workflow_id), "", RECONNECTS
        while True:
            try:
                async for event in self._events(call, last):
                    last, failures = event.id or last, 0
                    told = KINDS[event.event].model_validate_json(event.data)
                    yield told
                    if isinstance(told, ExecutionInfo) and told.status != ExecutionStatus.RUNNING:
                        return
            except ApiError as error:
                if error.status != UNAVAILABLE or failures >= RECONNECTS:
                    raise
            except httpx.HTTPError as error:
                if failures >= RECONNECTS:
                    raise http_messages.no_answer(self.url, error) from error
            failures += 1
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _events(self, call: Call[ExecutionInfo], last: str) -> AsyncIterator[ServerSentEvent]:
        """Yield the events of one connection that mean something to this client."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        async with self._http.stream(call.method, call.path, headers=headers, timeout=QUIET_SECONDS) as response:
            if response.is_error:
                await response.aread()
                http_messages.read(self.url, call, response)
            async for event in EventSource(response).aiter_sse():
                if event.event in KINDS:
                    yield event
