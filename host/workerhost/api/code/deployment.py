"""Which builds the runs of a project take: what is deployed, promoting, rolling back, moving runs."""

import functools
from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from workerhost.answers import BuildChangeResult, BuildMoveInfo, DeploymentInfo, MoveResult
from workerhost.api.code.publish_lines import logged
from workerhost.api.conversions import build_change_result, build_move_info, deployment_info, move_result
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import AnyBuild, AnyWorkflowId, Id, Version
from workerhost.api.reading.query import TimeoutQuery
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.errors import InvalidRequestError, NotFoundError
from workerhost.runtime.deployments.deployer import CurrentBuild
from workerhost.runtime.deployments.publisher import Publication
from workerhost.words import MoveStatus

blueprint = Blueprint("deployment", __name__, url_prefix="/projects/<project_id>")


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
@described(DeploymentInfo)
def show(project_id: Id) -> Response:
    """Show the builds with their open runs, the ramp, and what happened."""
    return respond(deployment_info(service().deployment_viewer.view(project_id)))


@blueprint.post("/deployment/promote")
@described(BuildChangeResult)
@waits
def promote(project_id: Id, body: Body) -> Response:  # noqa: ARG001  nothing but an empty one is taken
    """Make the build that is being tried the current one."""
    return respond(build_change_result(project_id, service().deployer.promote(project_id)))


@blueprint.post("/deployment/rollback")
@described(BuildChangeResult)
@waits
def rollback(project_id: Id, body: RollbackBody) -> Response:
    """End the ramp, or go back to the build before, or to one that is named."""
    if body.build and body.version:
        raise InvalidRequestError("name either a build or a version")
    current: Publication | CurrentBuild
    if body.version:
        name = body.workflow or _only_workflow(project_id)
        activate = functools.partial(service().publisher.activate, project_id, name, body.version)
        current = logged(project_id, [f"{name} {body.version}"], activate)
    else:
        current = service().deployer.roll_back(project_id, body.build)
    return respond(build_change_result(project_id, current))


@blueprint.post("/deployment/move")
@described({200: BuildMoveInfo, 202: BuildMoveInfo}, name="moveExecutions")
@waits
def move_all(project_id: Id, query: TimeoutQuery, body: MoveBody) -> Response:
    """Have all open runs of a build go on with another one."""
    timeout = query.seconds(service().settings.start_timeout)
    move = service().build_mover.move(project_id, body.from_build, body.to_build, timeout)
    return respond(build_move_info(move), 202 if move.status == MoveStatus.RUNNING else 200)


@blueprint.get("/deployment/moves/<move_id>")
@described(BuildMoveInfo)
def show_move(project_id: Id, move_id: str) -> Response:
    """Show how far a move of many runs has come."""
    project = service().store.projects.get(project_id)
    return respond(build_move_info(service().store.moves.get(project.id, move_id)))


@blueprint.post("/executions/<workflow_id>/move")
@described(MoveResult)
@waits
def move(project_id: Id, workflow_id: AnyWorkflowId, body: BuildBody) -> Response:
    """Have one execution go on with another build, if it replays on it."""
    project = service().store.projects.get(project_id)
    return respond(move_result(service().mover.move(project.id, workflow_id, body.build)))


def _only_workflow(project_id: str) -> str:
    """Return the name of the project's only workflow, for calls that name a version alone."""
    names = [workflow.name for workflow in service().store.workflows.all(project_id)]
    if len(names) > 1:
        raise InvalidRequestError(f"workflow is required, since the project has several: {', '.join(names)}")
    if not names:
        raise NotFoundError(f"project {project_id} has no workflows", code="workflow_not_found")
    return names[0]
