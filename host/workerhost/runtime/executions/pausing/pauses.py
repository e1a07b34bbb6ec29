"""Asking Temporal to pause a run, or to have it go on."""

import uuid

from temporalio.api.workflowservice.v1 import PauseWorkflowExecutionRequest, UnpauseWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError
from workerhost.model import Project
from workerhost.runtime.executions.lookup import describe, refuse_closed, refuse_rpc_error
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import WorkflowId


class Pauses:
    """Pauses of single runs. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer, `NotFoundError` where the project has
    no such execution, and `ConflictError` where it has ended, or where the server cannot pause runs. Calling one again
    does nothing more.

    Args:
        temporal: the way to Temporal.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def pause(self, project: Project, workflow_id: WorkflowId, reason: str | None) -> None:
        """Have a running execution take no more tasks; what its activities do goes on to their end."""
        self._ask(project, workflow_id, PauseWorkflowExecutionRequest(reason=reason or ""))

    def resume(self, project: Project, workflow_id: WorkflowId, reason: str | None) -> None:
        """Have a paused execution go on."""
        self._ask(project, workflow_id, UnpauseWorkflowExecutionRequest(reason=reason or ""))

    def _ask(
        self,
        project: Project,
        workflow_id: WorkflowId,
        request: PauseWorkflowExecutionRequest | UnpauseWorkflowExecutionRequest,
    ) -> None:
        async def ask(client: Client) -> None:
            described = await describe(client, project, workflow_id)
            refuse_closed(described)
            request.namespace, request.workflow_id, request.run_id = client.namespace, workflow_id, described.run_id
            request.request_id = str(uuid.uuid4())
            service = client.workflow_service
            if isinstance(request, PauseWorkflowExecutionRequest):
                await service.pause_workflow_execution(request, timeout=RPC_TIMEOUT)
            else:
                await service.unpause_workflow_execution(request, timeout=RPC_TIMEOUT)

        try:
            self._temporal.call(ask, 4 * RPC_TIMEOUT.total_seconds())
        except RPCError as error:
            if error.status == RPCStatusCode.UNIMPLEMENTED:
                raise ConflictError(
                    "this Temporal server does not pause single runs; pause the project instead", code="cannot_pause"
                ) from error
            if error.status != RPCStatusCode.FAILED_PRECONDITION:  # with that it is so already
                refuse_rpc_error(error, workflow_id)
