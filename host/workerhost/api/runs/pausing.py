"""Pausing projects, and single runs."""

from flask import Blueprint, Response

from workerhost.answers import CommandResult, PauseResult
from workerhost.api.conversions import pause_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyWorkflowId, Id
from workerhost.api.reading.query import TimeoutQuery
from workerhost.api.response import respond
from workerhost.api.runs.executions import ReasonBody
from workerhost.api.waiting import waits

blueprint = Blueprint("pausing", __name__, url_prefix="/projects/<project_id>")


@blueprint.post("/pause")
@described({200: PauseResult, 202: PauseResult})
@waits
def pause_project(project_id: Id, query: TimeoutQuery, body: ReasonBody) -> Response:
    """Have all runs of the project wait, and what is started meanwhile, too."""
    seconds = query.seconds(service().settings.start_timeout)
    project, is_done = service().project_pauses.pause(project_id, body.reason, seconds)
    what = "is paused" if is_done else "is paused, and a worker still ends what it has begun"
    result = PauseResult(success=True, message=f"Project {project_id} {what}", paused=pause_info(project.pause))
    return respond(result, 200 if is_done else 202)


@blueprint.post("/resume")
@described({200: PauseResult, 202: PauseResult})
@waits
def resume_project(project_id: Id, query: TimeoutQuery, body: ReasonBody) -> Response:  # noqa: ARG001  for people
    """Have the runs of the project go on."""
    seconds = query.seconds(service().settings.start_timeout)
    _, is_done = service().project_pauses.resume(project_id, seconds)
    what = "goes on" if is_done else "goes on when its worker has started"
    result = PauseResult(success=True, message=f"Project {project_id} {what}", paused=None)
    return respond(result, 200 if is_done else 202)


@blueprint.post("/executions/<workflow_id>/pause")
@described({202: CommandResult})
def pause(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """Have the execution take no more tasks."""
    service().runs.pauses.pause(service().store.projects.get(project_id), workflow_id, body.reason)
    return respond(CommandResult(success=True, message=f"Execution {workflow_id} is paused"), 202)


@blueprint.post("/executions/<workflow_id>/resume")
@described({202: CommandResult})
def resume(project_id: Id, workflow_id: AnyWorkflowId, body: ReasonBody) -> Response:
    """Have the paused execution go on."""
    service().runs.pauses.resume(service().store.projects.get(project_id), workflow_id, body.reason)
    return respond(CommandResult(success=True, message=f"Execution {workflow_id} goes on"), 202)
