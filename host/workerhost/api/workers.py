"""Starting, stopping and looking at project workers."""

from flask import Blueprint, Response

from workerhost.answers import WorkerCommandResult, WorkerList
from workerhost.api.conversions import worker_info
from workerhost.api.reading.body import Body, Id, check_id, read_body, service
from workerhost.api.reading.query import TimeoutQuery, with_query
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.runtime.hosts.project_status import ProjectStatus
from workerhost.words import WorkerStatus

blueprint = Blueprint("workers", __name__)


class WorkerBody(Body):
    """Names the project whose worker is meant."""

    project_id: Id


@blueprint.post("/workers/start")
@with_query(TimeoutQuery)
@waits
def start(query: TimeoutQuery) -> Response:
    """Start the project's worker and wait until it polls."""
    project_id = read_body(WorkerBody).project_id
    return _answer(
        service().project_commands.start(project_id, query.seconds(service().settings.start_timeout)),
        WorkerStatus.RUNNING,
        project_id,
        "started",
    )


@blueprint.post("/workers/stop")
@with_query(TimeoutQuery)
@waits
def stop(query: TimeoutQuery) -> Response:
    """Stop the project's worker and wait until it has drained."""
    project_id = read_body(WorkerBody).project_id
    state = service().project_commands.stop(project_id, query.seconds(service().settings.start_timeout))
    return _answer(state, WorkerStatus.STOPPED, project_id, "stopped")


@blueprint.post("/workers/restart")
@with_query(TimeoutQuery)
@waits
def restart(query: TimeoutQuery) -> Response:
    """Give the project a new worker and wait until it polls."""
    project_id = read_body(WorkerBody).project_id
    return _answer(
        service().project_commands.restart(project_id, query.seconds(service().settings.start_timeout)),
        WorkerStatus.RUNNING,
        project_id,
        "restarted",
    )


@blueprint.get("/workers/status/<project_id>")
def status(project_id: str) -> Response:
    """Say what the project's worker does."""
    return respond(worker_info(service().project_commands.status(check_id("projectId", project_id))))


@blueprint.get("/workers")
def running() -> Response:
    """List the projects whose worker polls."""
    projects = service().project_commands.running()
    return respond(WorkerList(workers=tuple(projects), count=len(projects)))


def _answer(state: ProjectStatus, wanted: WorkerStatus, project_id: str, done: str) -> Response:
    if state.status == wanted:
        return respond(WorkerCommandResult(success=True, message=f"Worker {done} for project {project_id}"))
    reason = f": {state.error}" if state.error else ""
    message = f"Worker for project {project_id} is {state.status}{reason}"
    return respond(WorkerCommandResult(success=True, message=message, status=state.status), 202)
