"""Pages of executions, newest first.

Temporal's SQL visibility store lists open executions first and the closed ones by their end, and takes no ORDER BY.
So a page is made of a window of start times that holds enough of them, sorted here.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution

from workerhost.errors import InvalidRequestError
from workerhost.runtime.executions.visibility import literal
from workerhost.runtime.temporal.connection import RPC_TIMEOUT

MOST_SORTED = 1000
"""Executions that are read for one page at most, unless more began within one window that cannot be made smaller."""

FIRST_WINDOW = timedelta(minutes=1)
SMALLEST_WINDOW = timedelta(microseconds=1)
"""The resolution of start times in SQL visibility stores."""

Position = tuple[datetime, str]
"""Start time and run id of an execution: what pages are ordered by, descending."""


async def fetch_page(
    client: Client, task_queue: str, limit: int, before: Position | None
) -> tuple[Sequence[WorkflowExecution], Position | None]:
    """Return a page of the task queue's executions and where the next one begins, None after the last.

    Args:
        client: on the running loop.
        task_queue: whose executions are listed.
        limit: most executions of a page.
        before: the last execution of the page before, None for the first page.
    """
    window = _Window(client, task_queue, before[0] if before else datetime.now(UTC) + FIRST_WINDOW)
    found = await window.newest(limit + 1, before)
    page = found[:limit]
    return page, _position(page[-1]) if len(found) > limit else None


def encode_cursor(position: Position | None) -> str | None:
    """Return the position as text that a client hands back."""
    if position is None:
        return None
    start, run_id = position
    return base64.urlsafe_b64encode(json.dumps([start.isoformat(), run_id]).encode()).decode()


def decode_cursor(cursor: str) -> Position:
    """Return the position that a cursor holds.

    Raises:
        InvalidRequestError: the cursor is not one that this service made.
    """
    try:
        start, run_id = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        return datetime.fromisoformat(start).astimezone(UTC), str(run_id)
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidRequestError("cursor is not valid; take it from the answer before") from error


class _Window:
    """The executions that began at a moment or before. Lives on the client's loop, for one page."""

    def __init__(self, client: Client, task_queue: str, end: datetime) -> None:
        self._client = client
        self._all = f"TaskQueue = {literal(task_queue)} AND StartTime <= '{end.isoformat()}'"
        self._end = end

    async def newest(self, count: int, before: Position | None) -> list[WorkflowExecution]:
        """Return the `count` newest of them, or all where there are fewer, without those up to `before`."""
        wanted = count + 1 if before else count  # the execution of the position itself is in the window
        executions = self._client.list_workflows(
            await self._query(wanted), page_size=MOST_SORTED, rpc_timeout=RPC_TIMEOUT
        )
        found = [each async for each in executions if before is None or _position(each) < before]
        return sorted(found, key=_position, reverse=True)[:count]

    async def _query(self, wanted: int) -> str:
        """Return a query that matches the `wanted` newest and, where possible, not many more."""
        if await self._count(self._all) <= max(wanted, MOST_SORTED):
            return self._all
        width = FIRST_WINDOW
        while await self._count(self._since(width)) < wanted:
            width *= 2
        too_narrow = timedelta(0)
        while await self._count(self._since(width)) > max(wanted, MOST_SORTED):
            middle = too_narrow + (width - too_narrow) / 2
            if width - too_narrow <= SMALLEST_WINDOW:
                break
            if await self._count(self._since(middle)) < wanted:
                too_narrow = middle
            else:
                width = middle
        return self._since(width)

    def _since(self, width: timedelta) -> str:
        return f"{self._all} AND StartTime >= '{(self._end - width).isoformat()}'"

    async def _count(self, query: str) -> int:
        return (await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count


def _position(execution: WorkflowExecution) -> Position:
    return execution.start_time, execution.run_id
