"""Asking Temporal to take a run back."""

import uuid
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from workerhost.errors import ConflictError
from workerhost.model import Project
from workerhost.runtime.executions.execution import build_of
from workerhost.runtime.executions.history.operations import READ_SECONDS
from workerhost.runtime.executions.lookup import describe, of_execution, refuse_rpc_error
from workerhost.runtime.executions.resetting.holding import holding_id
from workerhost.runtime.executions.resetting.points import ResetPoint, ResetTo, find_point, nothing_to_reset
from workerhost.runtime.executions.resetting.wanted import RepeatableReset
from workerhost.runtime.executions.visibility import Run, run_of
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import BuildId, RunId, WorkflowId


@dataclass(frozen=True)
class ResetPlan:
    """The run that is to be reset, and where to."""

    project: Project
    run: Run
    build: BuildId | None
    """The build that its history names."""
    point: ResetPoint
    request_id: str
    """By which Temporal knows the reset again, where it is asked for it twice."""
    begun: Run | None = None
    """The run that goes on from there, where the reset was done before."""
    begun_build: BuildId | None = None
    """The build that the history of `begun` names."""


class Resets:
    """Resets of single runs. Safe to use from any thread; every call may block.

    Every call raises `TemporalUnavailableError` where the server does not answer.

    Args:
        temporal: the way to Temporal.
    """

    def __init__(self, temporal: TemporalConnection) -> None:
        self._temporal = temporal

    def plan(
        self, project: Project, workflow_id: WorkflowId, to: ResetTo, repeatable: RepeatableReset | None = None
    ) -> ResetPlan:
        """Return what a reset of the latest run of that workflow id does; the run may be open or closed.

        Args:
            project: whose it is.
            workflow_id: of the run.
            to: where it is taken back to.
            repeatable: the run, where it must be that one, and may have been reset by the same request before.

        Raises:
            NotFoundError: the project has no such execution, or the run no such step.
            ConflictError: the run has had no task yet, was ended meanwhile, or is not the latest one.
        """

        async def look(client: Client) -> ResetPlan:
            described = await describe(client, project, workflow_id, repeatable.run_id if repeatable else None)
            begun = await _begun_before(client, project, described, repeatable) if repeatable else None
            return ResetPlan(
                project=project,
                run=run_of(described),
                build=build_of(described),
                point=await find_point(client, described, to),
                request_id=repeatable.request_id if repeatable else str(uuid.uuid4()),
                begun=run_of(begun) if begun else None,
                begun_build=build_of(begun) if begun else None,
            )

        return self._temporal.call(of_execution(project, workflow_id, look), READ_SECONDS)

    def reset(self, plan: ResetPlan, reason: str) -> RunId:
        """Take the run back, and return the id of the run that goes on from there.

        Temporal ends the run if it is open, and would end another project's as well that has begun under the id since
        the run's end. So the id of a run that has ended is held first. An open one holds it itself, unless it ends in
        the same moment: to end it here first would end its children, which a reset lets go on.

        Raises:
            InvalidRequestError: Temporal refuses it.
            NotFoundError: the run is gone.
            ConflictError: another run has begun under the id since the plan was made.
        """
        workflow_id, project = plan.run.workflow_id, plan.project

        async def ask(client: Client) -> RunId:
            latest = await describe(client, project, workflow_id)
            if latest.run_id != plan.run.run_id:
                raise ConflictError(f"another run of execution {workflow_id} has begun meanwhile; nothing was reset")
            if latest.status == WorkflowExecutionStatus.RUNNING:
                return await _reset(client, plan, reason)
            async with holding_id(client, project, workflow_id):
                return await _reset(client, plan, reason)

        try:
            return self._temporal.call(ask, 5 * RPC_TIMEOUT.total_seconds())
        except RPCError as error:
            if error.status == RPCStatusCode.INVALID_ARGUMENT and not plan.point.is_done:
                raise nothing_to_reset(workflow_id) from error
            refuse_rpc_error(error, workflow_id)


async def _reset(client: Client, plan: ResetPlan, reason: str) -> RunId:
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=plan.run.workflow_id, run_id=plan.run.run_id),
        reason=reason,
        workflow_task_finish_event_id=plan.point.event,
        request_id=plan.request_id,
    )
    answer = await client.workflow_service.reset_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)
    return RunId(answer.run_id)


async def _begun_before(
    client: Client, project: Project, described: WorkflowExecutionDescription, repeatable: RepeatableReset
) -> WorkflowExecutionDescription | None:
    """Return the run that the same reset has begun before, None where it has not been done yet.

    Raises:
        ConflictError: the run is not to be reset any more.
    """
    workflow_id = WorkflowId(described.id)
    if begun := described.raw_description.workflow_extended_info.reset_run_id:
        found = await describe(client, project, workflow_id, RunId(begun))
        if found.start_time >= repeatable.since:
            return found
    latest = await describe(client, project, workflow_id)
    if latest.run_id != described.run_id:
        raise ConflictError(f"another run of execution {workflow_id} follows this one, and only the latest is reset")
    is_terminated = described.status == WorkflowExecutionStatus.TERMINATED
    if is_terminated and described.close_time is not None and described.close_time >= repeatable.since:
        raise ConflictError(f"execution {workflow_id} was terminated meanwhile", code="execution_closed")
    return None
