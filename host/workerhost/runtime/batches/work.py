"""The executions of a batch one by one, in an order that stays the same, so that another host finds its place."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.batches.run_operations import AT_ONCE, RunOperation, RunTools
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.runtime.executions.listing.pages import decode_cursor, encode_cursor, fetch_page
from workerhost.runtime.executions.lookup import describe, refuse_unsendable
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.runtime.executions.starting.starter import refuse_unknown_type
from workerhost.runtime.executions.starting.starts import begin_execution
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.store.batches import Batch
from workerhost.store.moves import MovedRun
from workerhost.words import ExecutionStatus, RunId, WorkflowId

PAGE = 500
"""Runs that are listed in one step."""

ATTEMPTS = 3
"""How often a run is looked for again that continues as new while it is asked for something."""


@dataclass(frozen=True)
class BatchItem:
    """One execution of a batch."""

    workflow_id: WorkflowId
    position: str
    """Where the batch goes on when this one is done."""
    act: Callable[[], Awaitable[None]]
    """Does it; a second time it does nothing more. May raise `WorkerhostError` and `RPCError`."""


class BatchWork(Protocol):
    """The executions of a batch. Lives on the client's loop."""

    at_once: int
    """With how many something is done at the same time."""

    async def measure(self) -> tuple[int, str]:
        """Return how many there are, as far as that is known, and where the first one is."""

    def items(self, position: str) -> AsyncIterator[BatchItem]:
        """Yield those from a position on."""


class StartWork:
    """Executions that are started.

    Args:
        client: on the running loop.
        project: whose they are.
        builds: those that new runs take.
        batch: of which they are a part.
        starts: all of them.
    """

    def __init__(
        self,
        client: Client,
        project: Project,
        builds: Sequence[BuildSummary],
        batch: Batch,
        starts: Sequence[ExecutionStart],
    ) -> None:
        self._client = client
        self._project = project
        self._builds = builds
        self._batch = batch
        self._starts = starts
        self.at_once = AT_ONCE

    async def measure(self) -> tuple[int, str]:
        """Return how many there are, and where the first one is."""
        return len(self._starts), "0"

    async def items(self, position: str) -> AsyncIterator[BatchItem]:
        """Yield those from a position on."""
        for number in range(int(position), len(self._starts)):
            yield self._item(number, self._starts[number])

    def _item(self, number: int, start: ExecutionStart) -> BatchItem:
        name = f"{self._batch.id}-{number}"
        workflow_id = start.workflow_id or WorkflowId(f"{self._project.id}-{name}")

        async def act() -> None:
            refuse_unknown_type(self._project.id, self._builds, start.workflow_type)
            refuse_unsendable(start.args)
            named = replace(start, options=replace(start.options, request_id=name))
            try:
                await begin_execution(self._client, self._project, workflow_id, named)
            except ConflictError:
                if start.workflow_id:  # otherwise the id is this batch's own, which has started it already
                    raise

        return BatchItem(workflow_id, str(number + 1), act)


class RunWork:
    """Runs of a query that began before the batch, newest first.

    Args:
        tools: what the operation works with.
        project: whose they are.
        batch: of which they are a part.
        operation: what is done with each.
        query: as `query_of` makes it.
    """

    def __init__(self, tools: RunTools, project: Project, batch: Batch, operation: RunOperation, query: str) -> None:
        self._client = tools.client
        self._tools = tools
        self._project = project
        self._batch = batch
        self._operation = operation
        self._query = query
        self.at_once = operation.at_once

    async def measure(self) -> tuple[int, str]:
        """Return how many Temporal lists, and where the first one is."""
        began = self._tools.since
        query = f"{self._query} AND StartTime < '{began.isoformat()}'"
        found = await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)
        return found.count, encode_cursor(self._project.id, (began, "")) or ""

    async def items(self, position: str) -> AsyncIterator[BatchItem]:
        """Yield those from a position on.

        The order is that of their starts, which nothing changes that is done with them: none comes twice, and none is
        left out because others no longer fit the filter.
        """
        before = decode_cursor(self._project.id, position)
        while True:
            page, following = await fetch_page(self._client, self._query, PAGE, before)
            for each in page:
                if each.task_queue == self._project.task_queue:
                    yield self._item(each)
            if following is None:
                return
            before = following

    def _item(self, run: WorkflowExecution) -> BatchItem:
        position = encode_cursor(self._project.id, (run.start_time, run.run_id)) or ""
        return BatchItem(WorkflowId(run.id), position, lambda: self._apply(WorkflowId(run.id), RunId(run.run_id)))

    async def _apply(self, workflow_id: WorkflowId, first: RunId) -> None:
        run_id: RunId | None = first
        for _ in range(ATTEMPTS):
            if run_id is None:
                break
            try:
                await self._operation.apply(self._tools, workflow_id, run_id, f"{self._batch.id}-{first}")
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
            else:
                return
            run_id = await self._following(workflow_id, run_id) if self._operation.needs_running else None
        if run_id is not None:
            raise ConflictError(f"execution {workflow_id} continued as new each time that it was asked")
        if not self._operation.is_done_by_end:
            raise ConflictError(f"execution {workflow_id} has ended meanwhile", code="execution_closed")

    async def _following(self, workflow_id: WorkflowId, run_id: RunId) -> RunId | None:
        """Return the run that an execution goes on with after one that continued as new, None where it has ended."""
        try:
            ended = await describe(self._client, self._project, workflow_id, run_id)
            if ended.status != WorkflowExecutionStatus.CONTINUED_AS_NEW:
                return None
            latest = await describe(self._client, self._project, workflow_id)
        except NotFoundError:
            return None
        return RunId(latest.run_id) if latest.status == WorkflowExecutionStatus.RUNNING else None


def query_of(
    operation: RunOperation,
    wanted: ExecutionFilter,
    project: Project,
    moved: Sequence[MovedRun] = (),
    at: datetime | None = None,
) -> str:
    """Return the query for the runs of a filter with which an operation can be done.

    Args:
        operation: what is done with them.
        wanted: the filter.
        project: whose they are.
        moved: its runs that are on other builds than their histories name.
        at: when they must have run, where the operation needs that. An execution that continued as new after that is
            found by the run that it had then.

    Raises:
        InvalidRequestError: the filter holds what the query language cannot write, or admits no such run.
    """
    if operation.replaces_runs:
        return _query_of_replaced(wanted, project, moved, at)
    if not operation.needs_running:
        return wanted.query(project, moved)
    if wanted.statuses and ExecutionStatus.RUNNING not in wanted.statuses:
        raise InvalidRequestError(
            "filter.status must admit RUNNING or be left out, since this is for executions that have not ended"
        )
    if at is None:
        return replace(wanted, statuses=[ExecutionStatus.RUNNING]).query(project, moved)
    ran = replace(wanted, statuses=[ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW]).query(project, moved)
    return f"{ran} AND (CloseTime IS NULL OR CloseTime >= '{at.isoformat()}')"


def _query_of_replaced(
    wanted: ExecutionFilter, project: Project, moved: Sequence[MovedRun], at: datetime | None
) -> str:
    """Return the query for runs in whose places others begin; one that ran is found as well where it was ended so."""
    statuses = set(wanted.statuses or ExecutionStatus) - {ExecutionStatus.CONTINUED_AS_NEW}
    if not statuses:
        raise InvalidRequestError(
            "filter.status must admit more than CONTINUED_AS_NEW or be left out, since another run follows those"
        )
    if at is None or ExecutionStatus.RUNNING not in statuses or ExecutionStatus.TERMINATED in statuses:
        return replace(wanted, statuses=[*statuses]).query(project, moved)
    found = replace(wanted, statuses=[*statuses, ExecutionStatus.TERMINATED]).query(project, moved)
    return f"{found} AND (ExecutionStatus != 'Terminated' OR CloseTime >= '{at.isoformat()}')"
