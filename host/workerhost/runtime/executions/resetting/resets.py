"""Asking Temporal to take a run back."""

import uuid
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workerhost.model import Project
from workerhost.runtime.executions.execution import build_of
from workerhost.runtime.executions.history.operations import READ_SECONDS
from workerhost.runtime.executions.lookup import describe, refuse_rpc_error
from workerhost.runtime.executions.resetting.points import ResetPoint, ResetTo, find_point
from workerhost.runtime.executions.visibility import Run, run_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import BuildId, RunId, WorkflowId


@dataclass(frozen=True)
class ResetPlan:
    """The run that is to be reset, and where to."""

    run: Run
    build: BuildId | None
    """The build that its history names."""
    point: ResetPoint


class Resets:
    """Resets of single runs. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.

    Args:
        temporal: the way to Temporal.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def plan(self, project: Project, workflow_id: WorkflowId, to: ResetTo) -> ResetPlan:
        """Return what a reset of the latest run of that workflow id does; the run may be open or closed.

        Raises:
            NotFoundError: the project has no such execution, or the run no such step.
            ConflictError: the run has had no task yet.
        """

        async def look(client: Client) -> ResetPlan:
            described = await describe(client, project, workflow_id)
            point = await find_point(client, described, to)
            return ResetPlan(run_of(described), build_of(described), point)

        return self._temporal.call(look, READ_SECONDS)

    def reset(self, plan: ResetPlan, reason: str) -> RunId:
        """Take the run back, and return the id of the run that goes on from there.

        Temporal ends the run if it is open. It ends another one as well that has begun under the id since the plan was
        made, and has no way to forbid that.

        Raises:
            InvalidRequestError: Temporal refuses it.
            NotFoundError: the run is gone.
        """

        async def ask(client: Client) -> RunId:
            request = ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=plan.run.workflow_id, run_id=plan.run.run_id),
                reason=reason,
                workflow_task_finish_event_id=plan.point.event,
                request_id=str(uuid.uuid4()),  # so that a try which is repeated does nothing more
            )
            answer = await client.workflow_service.reset_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)
            return RunId(answer.run_id)

        try:
            return self._temporal.call(ask)
        except RPCError as error:
            refuse_rpc_error(error, plan.run.workflow_id)
