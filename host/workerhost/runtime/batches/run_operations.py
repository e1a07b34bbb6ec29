"""What a batch does with each of the runs that a filter admits: one class for each operation.

Each may be applied to a run a second time, after a host has died, and does nothing more then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from workerhost.runtime.executions.lookup import refuse_unsendable
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.runtime.temporal.request_ids import naming_request
from workerhost.words import BatchOperation, RunId, WorkflowId


class RunOperation(Protocol):
    """Something that is done with one run after the other."""

    needs_running: ClassVar[bool]
    """Whether it is for runs that have not ended."""
    is_done_by_end: ClassVar[bool]
    """Whether nothing is left to do where the run has ended meanwhile."""

    async def apply(self, client: Client, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Do it with one run.

        Args:
            client: on the running loop.
            workflow_id: of the run.
            run_id: of the run.
            request_id: the same one each time that it is done with this run.

        Raises:
            RPCError: Temporal answered with an error: `NOT_FOUND` where the run has ended or is gone.
        """


@dataclass(frozen=True)
class CancelRuns:
    """Asks runs to cancel themselves."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = True

    reason: str | None = None

    async def apply(self, client: Client, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Ask a run; asking it again does nothing."""
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        await handle.cancel(reason=self.reason or "", rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class TerminateRuns:
    """Ends runs at once."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = True

    reason: str | None = None

    async def apply(self, client: Client, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """End a run."""
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        await handle.terminate(reason=self.reason, rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class SignalRuns:
    """Sends a signal to runs."""

    needs_running: ClassVar[bool] = True
    is_done_by_end: ClassVar[bool] = False

    name: str
    args: Sequence[Any] = ()

    def __post_init__(self) -> None:
        """Refuse arguments that cannot be sent.

        Raises:
            InvalidRequestError: they cannot.
        """
        refuse_unsendable(self.args)

    async def apply(self, client: Client, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Send it to a run, which gets it once."""
        handle = naming_request(client, request_id).get_workflow_handle(workflow_id, run_id=run_id)
        await handle.signal(self.name, args=self.args, rpc_timeout=RPC_TIMEOUT)


@dataclass(frozen=True)
class DeleteRuns:
    """Deletes runs with their histories; Temporal ends first what still runs."""

    needs_running: ClassVar[bool] = False
    is_done_by_end: ClassVar[bool] = True

    async def apply(self, client: Client, workflow_id: WorkflowId, run_id: RunId, request_id: str) -> None:
        """Delete a run; Temporal does it up to a minute later."""
        run = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=run)
        await client.workflow_service.delete_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)


RUN_OPERATIONS: Mapping[BatchOperation, type[RunOperation]] = {
    BatchOperation.CANCEL: CancelRuns,
    BatchOperation.TERMINATE: TerminateRuns,
    BatchOperation.SIGNAL: SignalRuns,
    BatchOperation.DELETE: DeleteRuns,
}
"""The operations over a filter. Another one is a class, a line here, and a word of `BatchOperation`."""
