"""What callers ask of a project's executions together: pages of them, and counts."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import InvalidRequestError, NotFoundError
from workerhost.model import Project
from workerhost.runtime.executions.execution import Execution, execution_of
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.runtime.executions.listing.pages import decode_cursor, encode_cursor, fetch_page
from workerhost.runtime.executions.lookup import describe
from workerhost.runtime.executions.stuck.finder import StuckFinder
from workerhost.runtime.executions.visibility import is_writable
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.store.moves import MovedRun
from workerhost.words import BuildId, ExecutionStatus, RunId, WorkflowId

T = TypeVar("T")

LOOKED_AT, PAGE, AT_ONCE = 500, 50, 10
"""Running executions that are looked at for one page of those that are stuck, that are listed for that in one step, and
that are looked at at once; also how many counts are asked for at once."""

STUCK_SECONDS = 60.0
"""How long that may take; after half of it no more are looked at."""


class GroupBy(StrEnum):
    """What executions are counted by."""

    STATUS = "status"
    WORKFLOW_TYPE = "workflowType"
    BUILD_ID = "buildId"


@dataclass(frozen=True)
class Count:
    """How many executions there are of one kind."""

    value: str | None
    """The status, the workflow type or the build; None for all that have another one, or none yet."""
    count: int


class ExecutionLists:
    """The executions of projects. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer, and `InvalidRequestError` where a
    filter or a cursor is not valid. Temporal's visibility store is a second or two behind the executions.

    Args:
        temporal: the way to Temporal.
        stuck: finds why an execution does not go on.
    """

    def __init__(self, temporal: TemporalConnection, stuck: StuckFinder) -> None:
        self._temporal = temporal
        self._stuck = stuck

    def page(
        self,
        project: Project,
        wanted: ExecutionFilter,
        moved: Sequence[MovedRun],
        limit: int,
        cursor: str | None,
    ) -> tuple[Sequence[Execution], str | None]:
        """Return a page of executions, newest first, and the cursor of the next page.

        Args:
            project: whose they are.
            wanted: which of them.
            moved: the project's runs that are on other builds than their histories name.
            limit: most of the page.
            cursor: of the page; None for the first one.
        """
        before, query = decode_cursor(cursor, project.id) if cursor else None, wanted.query(project, moved)

        async def list_page(client: Client) -> tuple[Sequence[Execution], str | None]:
            page, position = await fetch_page(client, query, limit, before)
            return [execution_of(each) for each in page], encode_cursor(position, project.id)

        return self._call(list_page, 4 * RPC_TIMEOUT.total_seconds())

    def stuck_page(
        self,
        project: Project,
        wanted: ExecutionFilter,
        moved: Sequence[MovedRun],
        limit: int,
        cursor: str | None,
    ) -> tuple[Sequence[Execution], str | None]:
        """Return a page of running executions that do not go on, each with why, and the cursor of the next page.

        Each is looked at, and no more than `LOOKED_AT` for one page: that may be empty where others follow.

        Args:
            project: whose they are.
            wanted: which of them.
            moved: the project's runs that are on other builds than their histories name.
            limit: most of the page.
            cursor: of the page; None for the first one.
        """
        before = decode_cursor(cursor, project.id) if cursor else None
        if wanted.statuses and ExecutionStatus.RUNNING not in wanted.statuses:
            return [], None
        query = replace(wanted, statuses=[ExecutionStatus.RUNNING]).query(project, moved)

        async def list_page(client: Client) -> tuple[Sequence[Execution], str | None]:
            found: list[Execution] = []
            position, looked_at = before, 0
            slots, loop = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop()
            until = loop.time() + STUCK_SECONDS / 2
            while True:
                page, following = await fetch_page(client, query, PAGE, position)
                looked = await asyncio.gather(*(self._look(client, project, each, slots) for each in page))
                for listed, execution in zip(page, looked, strict=True):
                    position = listed.start_time, listed.run_id
                    if execution is not None:
                        found.append(execution)
                    if len(found) == limit:
                        return found, encode_cursor(position, project.id)
                looked_at += len(page)
                if following is None or looked_at >= LOOKED_AT or loop.time() > until:
                    return found, encode_cursor(following, project.id)

        return self._call(list_page, STUCK_SECONDS)

    def counts(
        self,
        project: Project,
        wanted: ExecutionFilter,
        moved: Sequence[MovedRun],
        group_by: GroupBy | None,
        values: Collection[str] = (),
    ) -> tuple[int, Sequence[Count]]:
        """Return how many executions there are, and how many of each group, the largest first.

        Args:
            project: whose they are.
            wanted: which of them.
            moved: the project's runs that are on other builds than their histories name.
            group_by: what they are counted by; None for no groups.
            values: the workflow types or builds that there may be; not needed for statuses.
        """
        kinds: dict[str, ExecutionFilter] = {}
        if group_by == GroupBy.STATUS:
            kinds = {status: replace(wanted, statuses=[status]) for status in wanted.statuses or ExecutionStatus}
        elif group_by == GroupBy.WORKFLOW_TYPE:
            types = values if wanted.workflow_type is None else [wanted.workflow_type]
            kinds = {value: replace(wanted, workflow_type=value) for value in types if is_writable(value)}
        elif group_by == GroupBy.BUILD_ID:
            builds = values if wanted.build_id is None else [wanted.build_id]
            kinds = {value: replace(wanted, build_id=BuildId(value)) for value in builds}
        queries = [wanted.query(project, moved), *(each.query(project, moved) for each in kinds.values())]

        async def count_all(client: Client) -> list[int]:
            slots = asyncio.Semaphore(AT_ONCE)

            async def count(query: str) -> int:
                async with slots:
                    return (await client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count

            return list(await asyncio.gather(*map(count, queries)))

        total, *counts = self._call(count_all, STUCK_SECONDS)
        groups = [Count(value, count) for value, count in zip(kinds, counts, strict=True) if count]
        if group_by is not None and (others := total - sum(counts)) > 0:
            groups.append(Count(None, others))
        return total, sorted(groups, key=lambda each: -each.count)

    async def _look(
        self, client: Client, project: Project, listed: WorkflowExecution, slots: asyncio.Semaphore
    ) -> Execution | None:
        async with slots:
            try:
                described = await describe(client, project, WorkflowId(listed.id), RunId(listed.run_id))
            except NotFoundError:  # it was deleted in this moment
                return None
            stuck = await self._stuck.find(client, project, described)
        return replace(execution_of(described), stuck=stuck) if stuck else None

    def _call(self, use: Callable[[Client], Awaitable[T]], seconds: float) -> T:
        try:
            return self._temporal.call(use, seconds)
        except RPCError as error:
            if error.status == RPCStatusCode.INVALID_ARGUMENT:
                raise InvalidRequestError(f"Temporal refuses the filter: {error.message}") from error
            raise
