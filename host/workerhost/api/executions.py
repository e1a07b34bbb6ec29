"""Executions of a project's workflows."""

import uuid
from typing import Any

from flask import Blueprint, Response

from workerhost.answers import CommandResult, ExecuteResult, ExecutionInfo
from workerhost.api.conversions import execution_details
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyWorkflowId, Id, Name, Reason
from workerhost.api.reading.query import Query, WaitSeconds
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside
from workerhost.words import WorkflowId

blueprint = Blueprint("executions", __name__, url_prefix="/projects/<project_id>/executions")


class ExecutionBody(Body):
    """What to run."""

    workflow_type: Name
    args: list[Any] = []
    workflow_id: Id | None = None


class ReasonBody(Body):
    """Why an execution is ended."""

    reason: Reason | None = None


class SignalBody(Body):
    """A signal."""

    name: Name
    args: list[Any] = []


class WaitQuery(Query):
    """How long to wait for the end of the execution."""

    wait: WaitSeconds = 0


@blueprint.post("")
@described({202: ExecuteResult})
def start(project_id: Id, body: ExecutionBody) -> Response:
    """Start an execution."""
    workflow_id = WorkflowId(body.workflow_id or f"{project_id}-{uuid.uuid4()}")
    workflow_id, run_id = service().execution_starter.start(project_id, body.workflow_type, body.args, workflow_id)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)


@blueprint.get("/<workflow_id>")
@described(ExecutionInfo)
def get(project_id: Id, workflow_id: AnyWorkflowId, query: WaitQuery) -> Response:
    """Show the latest execution of that workflow id, after waiting for its end if asked to."""
    project = service().store.projects.get(project_id)
    if query.wait:
        step_aside()
    found = service().executions.get(project, workflow_id, query.wait)
    moved_to = service().store.moves.target(project.id, found.run_id) if found.build_id else None
    return respond(execution_details(found, moved_to))


@blueprint.post("/<workflow_id>/cancel")
@described({202: CommandResult})
def cancel(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """Ask the execution to cancel itself."""
    service().executions.cancel(service().store.projects.get(project_id), workflow_id, body.reason)
    return _accepted(workflow_id, "asked to cancel")


@blueprint.post("/<workflow_id>/terminate")
@described({202: CommandResult})
def terminate(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """End the execution at once."""
    service().executions.terminate(service().store.projects.get(project_id), workflow_id, body.reason)
    return _accepted(workflow_id, "terminated")


@blueprint.post("/<workflow_id>/signal")
@described({202: CommandResult})
def signal(project_id: Id, workflow_id: AnyWorkflowId, body: SignalBody) -> Response:
    """Send a signal to the execution."""
    service().executions.signal(service().store.projects.get(project_id), workflow_id, body.name, body.args)
    return _accepted(workflow_id, f"sent the signal {body.name}")


def _accepted(workflow_id: WorkflowId, what: str) -> Response:
    return respond(CommandResult(success=True, message=f"Execution {workflow_id} was {what}"), 202)
