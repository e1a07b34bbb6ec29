"""What a batch does with each of the runs that a filter admits: one class for each operation.

Each may be applied to a run a second time, after a host has died, and does nothing more then.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_fixed

from workerhost.errors import ConflictError
from workerhost.runtime.executions.lookup import refuse_unsendable
from workerhost.runtime.executions.resetting.points import ResetTo
from workerhost.runtime.executions.resetting.wanted import RepeatableReset, RunResetter, WantedReset
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.runtime.temporal.request_ids import naming_request
from workerhost.store.resets import LONGEST_SECONDS
from workerhost.words import BatchOperation, BuildId, RunId, WorkflowId

AT_ONCE = 64
"""Executions of a batch for which Temporal is asked at the same time."""

RESETS_AT_ONCE = 6
"""Runs of a batch that are reset at the same time. Each may have the code of a build replay a history, which takes a
thread here, and a process."""


@dataclass(frozen=True)
class RunTools:
    """What operations work with."""

    client: Client
    """On the running loop."""
    project_id: str
    since: datetime
    """When the batch was asked for."""
    resetter: RunResetter


class RunOperation(Protocol):
    """Something that is done with one run after the other."""

    needs_running: ClassVar[bool]
    """Whether it is for runs that have not ended."""
    is_done_by_end: ClassVar[bool]
    """Whether nothing is left to do where the run has ended meanwhile."""
    replaces_runs: ClassVar[bool]
    """Whether it ends runs that have not ended, and begins others in their places."""
    at_once: ClassVar[int]
    """With how many runs it is done at the same time."""

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Do it with one run.

        Args:
            tools: what it takes.
            workflow_id: of the run.
            run_id: of the run.
            request_id: the same one each time that it is done with this run.

        Raises:
            RPCError: Temporal answered with an error: `NOT_FOUND` where the run has ended or is gone.
            WorkerhostError: it cannot be done with this run; the sentence says why.
        """


@dataclass(frozen=True)
class CancelRuns:
    """Asks runs to cancel themselves."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = True
    replaces_runs: ClassVar[bool] = False
    at_once: ClassVar[int] = AT_ONCE

    reason: str | None = None

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Ask a run; asking it again does nothing."""
        handle = tools.client.get_workflow_handle(workflow_id, run_id=run_id)
        await handle.cancel(reason=self.reason or "", rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class TerminateRuns:
    """Ends runs at once."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = True
    replaces_runs: ClassVar[bool] = False
    at_once: ClassVar[int] = AT_ONCE

    reason: str | None = None

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """End a run."""
        handle = tools.client.get_workflow_handle(workflow_id, run_id=run_id)
        await handle.terminate(reason=self.reason, rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class SignalRuns:
    """Sends a signal to runs."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = False
    replaces_runs: ClassVar[bool] = False
    at_once: ClassVar[int] = AT_ONCE

    name: str
    args: Sequence[Any] = ()

    def __post_init__(self) -> None:
        """Refuse arguments that cannot be sent.

        Raises:
            InvalidRequestError: they cannot.
        """
        refuse_unsendable(self.args)

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Send it to a run, which gets it once."""
        handle = naming_request(tools.client, request_id).get_workflow_handle(workflow_id, run_id=run_id)
        await handle.signal(self.name, args=self.args, rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class DeleteRuns:
    """Deletes runs with their histories; Temporal ends first what still runs."""

    needs_running: ClassVar[bool] = False
    is_done_by_end: ClassVar[bool] = True
    replaces_runs: ClassVar[bool] = False
    at_once: ClassVar[int] = AT_ONCE

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Delete a run; Temporal does it up to a minute later."""
        run = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=tools.client.namespace, workflow_execution=run)
        await tools.client.workflow_service.delete_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class ResetRuns:
    """Takes runs back, open and closed ones; each must be the latest of its workflow id."""

    needs_running: ClassVar[bool] = False
    is_done_by_end: ClassVar[bool] = False
    replaces_runs: ClassVar[bool] = True
    at_once: ClassVar[int] = RESETS_AT_ONCE

    to: ResetTo
    build: BuildId | None = None
    reason: str | None = None

    async def apply(self, tools: RunTools, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Reset a run, proven as a single reset is; waits where another call, or a host that died, resets it."""
        wanted = WantedReset(self.to, self.build, self.reason)
        run = RepeatableReset(run_id, request_id, tools.since)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_is_under_way),
            wait=wait_fixed(1),
            stop=stop_after_delay(LONGEST_SECONDS + 5),
            reraise=True,
        ):
            with attempt:
                await asyncio.to_thread(tools.resetter.reset, tools.project_id, workflow_id, wanted, run)


def _is_under_way(error: BaseException) -> bool:
    return isinstance(error, ConflictError) and error.code == "reset_under_way"


RUN_OPERATIONS: Mapping[BatchOperation, type[RunOperation]] = {
    BatchOperation.CANCEL: CancelRuns,
    BatchOperation.TERMINATE: TerminateRuns,
    BatchOperation.SIGNAL: SignalRuns,
    BatchOperation.DELETE: DeleteRuns,
    BatchOperation.RESET: ResetRuns,
}
"""The operations over a filter. Another one is a class, a line here, and a word of `BatchOperation`."""
