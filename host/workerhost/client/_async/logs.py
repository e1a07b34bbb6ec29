"""The calls of the asynchronous client about the logs of projects."""

from collections.abc import AsyncIterator
from typing import Unpack

from workerhost.answers import LogLineInfo, LogPage
from workerhost.client._async.streams import AsyncStreams
from workerhost.client.calls import logs as calls
from workerhost.client.options import LogFilters


class AsyncLogCalls(AsyncStreams):
    """What the code of projects has logged and printed."""

    async def log_page(
        self, project_id: str, limit: int = 100, cursor: str | None = None, **filters: Unpack[LogFilters]
    ) -> LogPage:
        """Return some lines of the log, newest first.

        Args:
            project_id: the project.
            limit: how many at most, up to 1,000; a page that has a cursor may hold fewer, or none.
            cursor: that of the page before; None for the first page.
            **filters: which lines.
        """
        return await self.send(calls.logs(project_id, limit, cursor, filters))

    async def logs(
        self,
        project_id: str,
        *,
        page_size: int = 1000,
        **filters: Unpack[LogFilters],
    ) -> AsyncIterator[LogLineInfo]:
        """Yield all lines of the log that the filters admit, newest first, `page_size` with each call at most."""
        async for page in self._pages(lambda cursor: calls.logs(project_id, page_size, cursor, filters)):
            for line in page.lines:
                yield line

    async def follow_logs(
        self, project_id: str, *, newest: int = 100, **filters: Unpack[LogFilters]
    ) -> AsyncIterator[LogLineInfo]:
        """Yield the newest lines of the log in their order, and then new ones as they come, without an end.

        A connection that is lost is made again, from where it ended. Where the project is deleted, `ApiError` says that
        it does not exist.

        Args:
            project_id: the project.
            newest: how many of the lines come first that are there, up to 1,000; 0 for none.
            **filters: which lines; without `before`.
        """
        async for event in self._stream(calls.follow_logs(project_id, newest, filters)):
            if event.event == "line":
                yield LogLineInfo.model_validate_json(event.data)
