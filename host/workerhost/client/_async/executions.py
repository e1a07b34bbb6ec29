"""The calls of the asynchronous client about executions."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Unpack

from workerhost.answers import (
    CommandResult,
    ExecuteResult,
    ExecutionCounts,
    ExecutionInfo,
    ExecutionPage,
    StartResult,
)
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import executions as calls
from workerhost.client.calls.call import Call
from workerhost.client.errors import ExecutionError
from workerhost.client.options import ExecuteOptions, Filters, as_body
from workerhost.words import ExecutionStatus

WAIT_SECONDS = 20.0
"""How long one call waits for an end: proxies often cut what is silent for a minute."""


class AsyncExecutionCalls(AsyncConnection):
    """The executions of projects."""

    async def execute(
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str | None = None,
        **options: Unpack[ExecuteOptions],
    ) -> ExecuteResult:
        """Begin a run of a workflow, and return its ids without waiting for its end.

        Args:
            project_id: the project.
            workflow_type: name of the workflow's type.
            *args: of the workflow.
            workflow_id: names the run, and must not be that of a run that is open; None for one that the service makes.
            **options: how it is to be started.
        """
        return await self.send(calls.execute(project_id, workflow_type, args, workflow_id, options))

    async def signal_with_start(
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str,
        signal: str,
        signal_args: Sequence[Any] = (),
        **options: Unpack[ExecuteOptions],
    ) -> StartResult:
        """Send a signal to the open run of that id, or to one that is begun for it.

        Args:
            project_id: the project.
            workflow_type: name of the workflow's type.
            *args: of the workflow.
            workflow_id: names the run.
            signal: its name.
            signal_args: its arguments.
            **options: how it is to be started.
        """
        extra = {**as_body(options), "signal": {"name": signal, "args": list(signal_args)}}
        return await self.send(
            calls.start_with(
                project_id, workflow_type, args, workflow_id, extra, 30, unchecked=options.get("unchecked")
            )
        )

    async def update_with_start(  # noqa: PLR0913  all of it says what is started
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str,
        update: str,
        update_args: Sequence[Any] = (),
        timeout: float = 30,
        **options: Unpack[ExecuteOptions],
    ) -> StartResult:
        """Have the open run of that id take an update, or one that is begun for it, and wait for its end.

        Args:
            project_id: the project.
            workflow_type: name of the workflow's type.
            *args: of the workflow.
            workflow_id: names the run.
            update: its name.
            update_args: its arguments.
            timeout: seconds to wait; an update that takes longer is returned as `accepted`, and goes on.
            **options: how it is to be started.
        """
        extra = {**as_body(options), "update": {"name": update, "args": list(update_args)}}
        return await self.send(
            calls.start_with(
                project_id, workflow_type, args, workflow_id, extra, timeout, unchecked=options.get("unchecked")
            )
        )

    async def retry(
        self, project_id: str, workflow_id: str, *, new_id: str | None = None, unchecked: bool = False
    ) -> ExecuteResult:
        """Begin a run with the type, the arguments and the memo of the latest one of that id, on the current build.

        Args:
            project_id: the project.
            workflow_id: of the earlier run.
            new_id: names the new run; None for the same id, of which no run must be open then.
            unchecked: whether the arguments are sent as they are, whatever the current build takes.
        """
        return await self.send(calls.retry(project_id, workflow_id, new_id, unchecked=unchecked))

    async def execution(self, project_id: str, workflow_id: str) -> ExecutionInfo:
        """Return the latest run of that workflow id as it is now."""
        return await self.send(calls.execution(project_id, workflow_id))

    async def wait(self, project_id: str, workflow_id: str, timeout: float = 60) -> ExecutionInfo:
        """Wait until the run has ended, at most `timeout` seconds, and return it as it is then."""
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.0, deadline - time.monotonic())
            found = await self.send(calls.execution(project_id, workflow_id, min(left, WAIT_SECONDS)))
            if found.has_ended or time.monotonic() >= deadline:
                return found

    async def run(
        self,
        project_id: str,
        workflow_type: str,
        *args: Any,
        workflow_id: str | None = None,
        timeout: float = 60,
    ) -> Any:
        """Run a workflow and return its result.

        Args:
            project_id: the project.
            workflow_type: name of the workflow's type.
            *args: of the workflow.
            workflow_id: names the run, and must not be that of a run that is open; None for one that the service makes.
            timeout: seconds to wait for the end.

        Raises:
            ExecutionError: it ended otherwise, or still runs after `timeout` seconds.
        """
        begun = await self.execute(project_id, workflow_type, *args, workflow_id=workflow_id)
        found = await self.wait(project_id, begun.workflow_id, timeout)
        if found.status != ExecutionStatus.COMPLETED:
            raise ExecutionError(found)
        return found.result

    async def execution_page(
        self,
        project_id: str,
        limit: int = 50,
        cursor: str | None = None,
        *,
        stuck: bool = False,
        **filters: Unpack[Filters],
    ) -> ExecutionPage:
        """Return some runs, newest first, without results.

        Args:
            project_id: the project.
            limit: how many at most.
            cursor: that of the page before; None for the first page.
            stuck: whether only those are returned that run and do not go on, with why.
            **filters: which runs.
        """
        return await self.send(calls.executions(project_id, limit, cursor, filters, stuck=stuck))

    async def executions(
        self,
        project_id: str,
        *,
        page_size: int = 100,
        stuck: bool = False,
        **filters: Unpack[Filters],
    ) -> AsyncIterator[ExecutionInfo]:
        """Yield all runs that the filters admit, newest first, without results, `page_size` with each call."""

        def page_at(cursor: str | None) -> Call[ExecutionPage]:
            return calls.executions(project_id, page_size, cursor, filters, stuck=stuck)

        async for page in self._pages(page_at):
            for execution in page.executions:
                yield execution

    async def execution_counts(
        self,
        project_id: str,
        group_by: str | None = None,
        *,
        stuck: bool = False,
        **filters: Unpack[Filters],
    ) -> ExecutionCounts:
        """Return how many runs the filters admit, and how many of each group.

        Args:
            project_id: the project.
            group_by: `status`, `workflowType` or `buildId`; None for no groups.
            stuck: whether only those are counted that run and do not go on; 1,000 may run at most that the filters
                admit, since each is looked at.
            **filters: which runs.
        """
        return await self.send(calls.execution_counts(project_id, group_by, filters, stuck=stuck))

    async def cancel(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> CommandResult:
        """Ask an open run to end in good order."""
        return await self.send(calls.end("cancel", project_id, workflow_id, reason))

    async def terminate(self, project_id: str, workflow_id: str, *, reason: str | None = None) -> CommandResult:
        """End an open run at once; its code does not learn of it."""
        return await self.send(calls.end("terminate", project_id, workflow_id, reason))
