"""Asking Temporal to take a run back."""

import uuid
from dataclasses import dataclass

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError

from workerhost.errors import ConflictError
from workerhost.model import Project
from workerhost.runtime.executions.execution import build_of, status_of
from workerhost.runtime.executions.history.operations import READ_SECONDS
from workerhost.runtime.executions.lookup import describe, refuse_rpc_error
from workerhost.runtime.executions.resetting.points import ResetPoint, ResetTo, find_point
from workerhost.runtime.executions.resetting.wanted import RepeatableReset
from workerhost.runtime.executions.visibility import Run
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import BuildId, RunId, WorkflowId


@dataclass(frozen=True)
class ResetPlan:
    """The run that is to be reset, and where to."""

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
                run=_run(described),
                build=build_of(described),
                point=await find_point(client, described, to),
                request_id=repeatable.request_id if repeatable else str(uuid.uuid4()),
                begun=_run(begun) if begun else None,
                begun_build=build_of(begun) if begun else None,
            )

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
                request_id=plan.request_id,
            )
            answer = await client.workflow_service.reset_workflow_execution(request, retry=True, timeout=RPC_TIMEOUT)
            return RunId(answer.run_id)

        try:
            return self._temporal.call(ask)
        except RPCError as error:
            refuse_rpc_error(error, plan.run.workflow_id)


def _run(described: WorkflowExecutionDescription) -> Run:
    run_id = RunId(described.run_id)
    return Run(WorkflowId(described.id), run_id, described.workflow_type, status_of(described))


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
