"""Which builds the runs of a project take: what is deployed, promoting, rolling back, moving runs."""

from typing import Annotated, Any

from flask import Blueprint
from pydantic import Field

from workerhost.api import answers
from workerhost.api.executions import find_project
from workerhost.api.request import Body, Id, Version, check_id, query_number, read_body, service
from workerhost.errors import InvalidRequestError, NotFoundError
from workerhost.store.moves import BuildMove
from workerhost.words import BuildId, MoveStatus, WorkflowId

blueprint = Blueprint("deployment", __name__, url_prefix="/projects/<project_id>")

LONGEST_WAIT = 300
"""Most seconds that `?timeout=` may ask for; each waiting call holds a thread of the API."""

AnyBuild = Annotated[BuildId, Field(pattern=r"^[0-9a-f]{8,64}$|^current$")]
"""A build, by its id or as `current`."""


class BuildBody(Body):
    """Names a build."""

    build: AnyBuild


class RollbackBody(Body):
    """Where to go back to; nothing means to what was before."""

    build: AnyBuild | None = None
    version: Version | None = None
    workflow: Id | None = None


class MoveBody(Body):
    """Which runs go where."""

    from_build: Annotated[AnyBuild, Field(alias="from")]
    to_build: Annotated[AnyBuild, Field(alias="to")]


@blueprint.get("/deployment")
def show(project_id: str) -> dict[str, Any]:
    """Show the builds with their open runs, the ramp, and what happened."""
    return answers.deployment(service().deployment_viewer.view(check_id("projectId", project_id)))


@blueprint.post("/deployment/promote")
def promote(project_id: str) -> dict[str, Any]:
    """Make the build that is being tried the current one."""
    check_id("projectId", project_id)
    read_body(Body, optional=True)
    build_id = service().deployer.promote(project_id).build_id
    message = f"Build {build_id} is the current build of project {project_id}"
    return {"success": True, "message": message, "buildId": build_id, "changed": True}


@blueprint.post("/deployment/rollback")
def rollback(project_id: str) -> dict[str, Any]:
    """End the ramp, or go back to the build before, or to one that is named."""
    check_id("projectId", project_id)
    body = read_body(RollbackBody, optional=True)
    if body.build and body.version:
        raise InvalidRequestError("name either a build or a version")
    if body.version:
        name = body.workflow or _only_workflow(project_id)
        published = service().publisher.activate(project_id, name, body.version)
        build_id, has_changed = published.build_id, published.has_changed
    else:
        deployed = service().deployer.roll_back(project_id, body.build)
        build_id, has_changed = deployed.build_id, deployed.has_changed
    message = f"Build {build_id} is the current build of project {project_id}" + ("" if has_changed else " already")
    return {"success": True, "message": message, "buildId": build_id, "changed": has_changed}


@blueprint.post("/deployment/move")
def move_all(project_id: str) -> tuple[dict[str, Any], int]:
    """Have all open runs of a build go on with another one."""
    check_id("projectId", project_id)
    body = read_body(MoveBody)
    timeout = query_number("timeout", service().settings.start_timeout, most=LONGEST_WAIT)
    return _report(service().mover.move_all(project_id, body.from_build, body.to_build, timeout))


@blueprint.get("/deployment/moves/<move_id>")
def show_move(project_id: str, move_id: str) -> dict[str, Any]:
    """Show how far such a move has come."""
    project = service().store.projects.get(check_id("projectId", project_id))
    return answers.build_move(service().store.moves.get(project.id, move_id))


@blueprint.post("/executions/<workflow_id>/move")
def move(project_id: str, workflow_id: WorkflowId) -> dict[str, Any]:
    """Have one execution go on with another build, if it replays on it."""
    project = find_project(project_id, workflow_id)
    return answers.moved_execution(service().mover.move(project.id, workflow_id, read_body(BuildBody).build))


def _only_workflow(project_id: str) -> str:
    """Return the name of the project's only workflow, for calls that name a version alone."""
    names = [workflow.name for workflow in service().store.workflows.all(project_id)]
    if len(names) > 1:
        raise InvalidRequestError(f"workflow is required, since the project has several: {', '.join(names)}")
    if not names:
        raise NotFoundError(f"project {project_id} has no workflows", code="workflow_not_found")
    return names[0]


def _report(move: BuildMove) -> tuple[dict[str, Any], int]:
    return answers.build_move(move), 202 if move.status == MoveStatus.RUNNING else 200
