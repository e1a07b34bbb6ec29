"""Executions of a project's workflows."""

import uuid
from typing import Any

from flask import Blueprint, Response, request

from workerhost.answers import CommandResult, ExecuteResult, ExecutionPage
from workerhost.api.conversions import execution_details, execution_info
from workerhost.api.request import LONGEST_WAIT, Body, Id, Name, check_id, query_number, read_body, service
from workerhost.api.response import respond
from workerhost.errors import InvalidRequestError
from workerhost.model import Project
from workerhost.words import WorkflowId

blueprint = Blueprint("executions", __name__, url_prefix="/projects/<project_id>/executions")

LONGEST_PAGE = 1000
LONGEST_WORKFLOW_ID = 1000
"""Temporal's own limit. Ids that other clients chose may hold any character, so only this is checked of them."""


class ExecutionBody(Body):
    """What to run."""

    workflow_type: Name
    args: list[Any] = []
    workflow_id: Id | None = None


class ReasonBody(Body):
    """Why an execution is ended."""

    reason: str | None = None


class SignalBody(Body):
    """A signal."""

    name: Name
    args: list[Any] = []


@blueprint.post("")
def start(project_id: str) -> Response:
    """Start an execution."""
    check_id("projectId", project_id)
    body = read_body(ExecutionBody)
    workflow_id = WorkflowId(body.workflow_id or f"{project_id}-{uuid.uuid4()}")
    workflow_id, run_id = service().execution_starter.start(project_id, body.workflow_type, body.args, workflow_id)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)


@blueprint.get("/<workflow_id>")
def get(project_id: str, workflow_id: WorkflowId) -> Response:
    """Show the latest execution of that workflow id, after waiting for its end if asked to."""
    wait = query_number("wait", 0, most=LONGEST_WAIT)
    project = find_project(project_id, workflow_id)
    found = service().executions.get(project, workflow_id, wait)
    moved_to = service().store.moves.target(project.id, found.run_id) if found.build_id else None
    return respond(execution_details(found, moved_to))


@blueprint.get("")
def all_executions(project_id: str) -> Response:
    """List the project's executions, a page at a time."""
    project = service().store.projects.get(check_id("projectId", project_id))
    limit = int(query_number("limit", 50, most=LONGEST_PAGE)) or 50
    found, cursor = service().executions.list(project, limit, request.args.get("cursor"))
    moved = {run.run_id: run.to_build for run in service().store.moves.runs(project.id)}
    shown = tuple(execution_info(each, moved.get(each.run_id)) for each in found)
    return respond(ExecutionPage(executions=shown, cursor=cursor))


@blueprint.post("/<workflow_id>/cancel")
def cancel(project_id: str, workflow_id: WorkflowId) -> Response:
    """Ask the execution to cancel itself."""
    reason = read_body(ReasonBody, optional=True).reason
    service().executions.cancel(find_project(project_id, workflow_id), workflow_id, reason)
    return _accepted(workflow_id, "asked to cancel")


@blueprint.post("/<workflow_id>/terminate")
def terminate(project_id: str, workflow_id: WorkflowId) -> Response:
    """End the execution at once."""
    reason = read_body(ReasonBody, optional=True).reason
    service().executions.terminate(find_project(project_id, workflow_id), workflow_id, reason)
    return _accepted(workflow_id, "terminated")


@blueprint.post("/<workflow_id>/signal")
def signal(project_id: str, workflow_id: WorkflowId) -> Response:
    """Send a signal to the execution."""
    body = read_body(SignalBody)
    service().executions.signal(find_project(project_id, workflow_id), workflow_id, body.name, body.args)
    return _accepted(workflow_id, f"sent the signal {body.name}")


def find_project(project_id: str, workflow_id: WorkflowId) -> Project:
    """Return the project that a path names, after checking both ids of the path."""
    check_id("projectId", project_id)
    if len(workflow_id) > LONGEST_WORKFLOW_ID:
        raise InvalidRequestError(f"the workflow id is longer than {LONGEST_WORKFLOW_ID} characters")
    return service().store.projects.get(project_id)


def _accepted(workflow_id: WorkflowId, what: str) -> Response:
    return respond(CommandResult(success=True, message=f"Execution {workflow_id} was {what}"), 202)
