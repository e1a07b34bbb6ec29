"""The calls of the asynchronous client about batches."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Unpack

from workerhost.answers import BatchInfo, BatchPage, BatchResult
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import batches as calls
from workerhost.client.options import BatchOptions

LOOK_SECONDS = 0.5
"""How often a client looks how far a batch is."""


class AsyncBatchCalls(AsyncConnection):
    """What is done with many executions in the background."""

    async def start_batch(self, project_id: str, operation: str, **options: Unpack[BatchOptions]) -> BatchResult:
        """Have something done with many runs, and return the id of the batch without waiting for its end.

        Args:
            project_id: the project.
            operation: `cancel`, `terminate`, `signal`, `reset` or `delete`, each with a `filter`, or `start` with
                `executions`.
            **options: with which runs, and what else the operation takes.
        """
        return await self.send(calls.start_batch(project_id, operation, options))

    async def batch(self, project_id: str, batch_id: str) -> BatchInfo:
        """Return a batch as it is now."""
        return await self.send(calls.batch(project_id, batch_id))

    async def wait_for_batch(
        self,
        project_id: str,
        batch_id: str,
        *,
        timeout: float | None = None,
        progress: calls.ShowBatch | None = None,
    ) -> BatchInfo:
        """Wait until a batch has ended, and return it as it is then.

        Args:
            project_id: the project.
            batch_id: of the batch.
            timeout: seconds to wait; None for until it has ended.
            progress: called with each answer, the last one too.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            found = await self.batch(project_id, batch_id)
            if progress is not None:
                progress(found)
            if found.has_ended or (deadline is not None and time.monotonic() >= deadline):
                return found
            await asyncio.sleep(LOOK_SECONDS)

    async def stop_batch(self, project_id: str, batch_id: str) -> BatchInfo:
        """Have a batch end before its time; what it has begun is ended first."""
        return await self.send(calls.stop_batch(project_id, batch_id))

    async def batch_page(self, project_id: str, limit: int = 50, cursor: str | None = None) -> BatchPage:
        """Return some batches, newest first, without their failures.

        Args:
            project_id: the project.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
        """
        return await self.send(calls.batches(project_id, limit, cursor))

    async def batches(self, project_id: str, *, page_size: int = 100) -> AsyncIterator[BatchInfo]:
        """Yield all batches of the project, newest first, without their failures, `page_size` with each call."""
        async for page in self._pages(lambda cursor: calls.batches(project_id, page_size, cursor)):
            for batch in page.batches:
                yield batch
