"""Holding a workflow id for a project, so that no other one begins a run under it meanwhile."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from workerhost.model import Project
from workerhost.runtime.executions.starting.starts import already_runs
from workerhost.runtime.temporal.connection import RPC_TIMEOUT
from workerhost.words import WorkflowId

HOLDING_TYPE = "workerhost:hold"
"""The workflow type of runs that do nothing but hold an id."""

LONGEST = timedelta(minutes=2)
"""When such a run would have its first task, where its host has died; it ends then."""

AFTER_THAT = timedelta(milliseconds=1)


@contextlib.asynccontextmanager
async def holding_id(client: Client, project: Project, workflow_id: WorkflowId) -> AsyncIterator[None]:
    """Hold an id under which no run is open, by a run that waits for its first task and is deleted at the end.

    Raises:
        ConflictError: a run has begun under the id.
        RPCError: Temporal answered with another error.
    """
    try:
        held = await client.start_workflow(
            HOLDING_TYPE,
            id=workflow_id,
            task_queue=project.task_queue,
            start_delay=LONGEST,
            run_timeout=AFTER_THAT,
            rpc_timeout=RPC_TIMEOUT,
        )
    except WorkflowAlreadyStartedError as error:
        raise already_runs(workflow_id) from error
    try:
        yield
    finally:
        run = WorkflowExecution(workflow_id=workflow_id, run_id=held.result_run_id or "")
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=run)
        with contextlib.suppress(RPCError):  # it ends by itself later
            await client.workflow_service.delete_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)
