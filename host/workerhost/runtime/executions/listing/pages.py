"""Pages of executions, newest first.

Temporal's visibility stores list open executions first, the latest start first, and then the closed ones, the latest
end first. Those on SQL take no ORDER BY. So the open ones of a page are asked for as they come. The closed ones are
those that began since then, taken from a window of start times that holds enough of them, and sorted here.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionAsyncIterator

from workerhost.runtime.executions import cursors
from workerhost.runtime.temporal.connection import RPC_TIMEOUT

MOST_SORTED = 100
"""Closed executions that are read for one page at most, unless the page is half as large or more began at once."""

RESOLUTION = timedelta(microseconds=1)
"""Of start times in SQL visibility stores. Where a store knows them more exactly, the SDK cuts them to this."""

LAST_MOMENT = datetime.max.replace(tzinfo=UTC)

LIST = "executions"
"""What cursors call these pages."""

Position = tuple[datetime, str]
"""Start time and run id of an execution: what pages are ordered by, descending. Those of batches are so as well."""


async def fetch_page(
    client: Client, query: str, limit: int, before: Position | None
) -> tuple[Sequence[WorkflowExecution], Position | None]:
    """Return a page of executions and where the next one begins, None after the last.

    Args:
        client: on the running loop.
        query: for the executions.
        limit: most executions of a page.
        before: the last execution of the page before, None for the first page.
    """
    # Open ones first: an execution that ends between the questions is found twice, and not left out.
    found = await _Executions(client, f"{query} AND CloseTime IS NULL", before).newest(limit + 1)
    since = f" AND {_since(_start_of_nth(limit + 1, found))}" if len(found) > limit else ""
    closed = f"{query} AND CloseTime IS NOT NULL{since}"
    found += await _Executions(client, closed, before).newest(limit + 1)
    newest = sorted({each.run_id: each for each in found}.values(), key=_position, reverse=True)
    page = newest[:limit]
    return page, _position(page[-1]) if len(newest) > limit else None


def encode_cursor(project_id: str, position: Position | None) -> str | None:
    """Return the position among the executions of a project as text that a client hands back."""
    if position is None:
        return None
    start, run_id = position
    return cursors.encode([LIST, project_id], [start.isoformat(), run_id])


def decode_cursor(project_id: str, cursor: str) -> Position:
    """Return the position among the executions of a project that a cursor holds.

    Args:
        project_id: of the project whose page is asked for.
        cursor: from a client.

    Raises:
        InvalidRequestError: the cursor is not one that this service made for them.
    """
    return cursors.decode(cursor, [LIST, project_id], read_position)


class _Executions:
    """The open executions of a query before a position, or the closed ones. Lives on the client's loop, for one page.

    Args:
        client: on the running loop.
        query: for open executions alone, or for closed ones alone.
        before: where they end; None for all.
    """

    def __init__(self, client: Client, query: str, before: Position | None) -> None:
        self._client = client
        self._before = before
        self._query = query
        if before:  # those of the same moment are told apart here
            until = before[0] + min(RESOLUTION, LAST_MOMENT - before[0])
            self._query += f" AND StartTime < '{until.isoformat()}'"

    async def newest(self, count: int) -> list[WorkflowExecution]:
        """Return the `count` newest and perhaps some that are older, or all where there are fewer; in any order."""
        found: list[WorkflowExecution] = []
        async for each in self._list(self._query, count + 2):
            if self._is_before(each):
                found.append(each)
            if len(found) > count:
                break
        else:
            return found
        # No execution began after its end, so none that was not read began after this.
        others_until = found[-1].close_time or found[-1].start_time
        if sum(each.start_time > others_until for each in found) >= count:
            return found
        since = await self._narrowed(count, _start_of_nth(count, found))
        return [each async for each in self._list(f"{self._query} AND {_since(since)}") if self._is_before(each)]

    async def _narrowed(self, count: int, since: datetime) -> datetime:
        """Return a moment from which on at least `count` began, and not many more where there is such a moment.

        Args:
            count: how many are wanted.
            since: a moment from which on at least as many began.
        """
        most = max(MOST_SORTED, 2 * count)
        if self._before:
            count += await self._count(self._before[0])  # these may be those that are not before it
        too_late = self._before[0] if self._before else datetime.now(UTC)
        began = await self._count(since)
        while began > most and too_late - since > RESOLUTION:
            middle = since + (too_late - since) / 2
            began_since_middle = await self._count(middle)
            if began_since_middle < count:
                too_late = middle
            else:
                since, began = middle, began_since_middle
        return since

    def _is_before(self, execution: WorkflowExecution) -> bool:
        return self._before is None or _position(execution) < self._before

    def _list(self, query: str, page_size: int = 1000) -> WorkflowExecutionAsyncIterator:
        return self._client.list_workflows(query, page_size=page_size, rpc_timeout=RPC_TIMEOUT)

    async def _count(self, since: datetime) -> int:
        query = f"{self._query} AND {_since(since)}"
        return (await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count


def _since(moment: datetime) -> str:
    return f"StartTime >= '{moment.isoformat()}'"


def _start_of_nth(count: int, executions: Sequence[WorkflowExecution]) -> datetime:
    """Return when the `count`-th newest began; there must be as many."""
    return sorted((each.start_time for each in executions), reverse=True)[count - 1]


def _position(execution: WorkflowExecution) -> Position:
    return execution.start_time, execution.run_id


def read_position(values: Any) -> Position:
    """Return the position that `cursors.encode` was given as JSON has it."""
    start, run_id = values
    return datetime.fromisoformat(start).astimezone(UTC), str(run_id)
