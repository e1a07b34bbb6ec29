"""Executions of a project's workflows."""

import uuid
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import AfterValidator, StringConstraints

from workerhost.answers import CommandResult, ExecuteResult, ExecutionPage
from workerhost.api.conversions import execution_details, execution_info
from workerhost.api.reading.body import Body, Id, Name, check_id, read_body, service
from workerhost.api.reading.query import Query, WaitSeconds, number_up_to, with_query
from workerhost.api.reading.text import check_no_nul
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside
from workerhost.errors import InvalidRequestError
from workerhost.model import Project
from workerhost.words import WorkflowId

blueprint = Blueprint("executions", __name__, url_prefix="/projects/<project_id>/executions")

PAGE, LONGEST_PAGE = 50, 1000
"""Executions of a page where the call names no number, and at most."""

LONGEST_WORKFLOW_ID = 1000
"""Temporal's own limit. Ids that other clients chose may hold any character, so only this is checked of them."""


Reason = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(check_no_nul)]


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


class PageQuery(Query):
    """Which page of executions, and how many of them."""

    limit: Annotated[float, number_up_to(LONGEST_PAGE)] = PAGE
    cursor: str | None = None


@blueprint.post("")
def start(project_id: str) -> Response:
    """Start an execution."""
    check_id("projectId", project_id)
    body = read_body(ExecutionBody)
    workflow_id = WorkflowId(body.workflow_id or f"{project_id}-{uuid.uuid4()}")
    workflow_id, run_id = service().execution_starter.start(project_id, body.workflow_type, body.args, workflow_id)
    return respond(ExecuteResult(workflow_id=workflow_id, run_id=run_id), 202)


@blueprint.get("/<workflow_id>")
@with_query(WaitQuery)
def get(query: WaitQuery, project_id: str, workflow_id: WorkflowId) -> Response:
    """Show the latest execution of that workflow id, after waiting for its end if asked to."""
    project = find_project(project_id, workflow_id)
    if query.wait:
        step_aside()
    found = service().executions.get(project, workflow_id, query.wait)
    moved_to = service().store.moves.target(project.id, found.run_id) if found.build_id else None
    return respond(execution_details(found, moved_to))


@blueprint.get("")
@with_query(PageQuery)
def all_executions(query: PageQuery, project_id: str) -> Response:
    """List the project's executions, a page at a time."""
    project = service().store.projects.get(check_id("projectId", project_id))
    found, cursor = service().executions.list(project, int(query.limit) or PAGE, query.cursor)
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
