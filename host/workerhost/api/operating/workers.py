"""Starting, stopping and looking at project workers."""

import contextlib

from flask import Blueprint, Response

from workerhost.answers import WorkerCommandResult, WorkerInfo, WorkerList
from workerhost.api.conversions import worker_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id
from workerhost.api.reading.query import TimeoutQuery
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.errors import StoreUnavailableError
from workerhost.runtime.hosts.project_status import ProjectStatus
from workerhost.words import WorkerStatus

blueprint = Blueprint("workers", __name__)


class WorkerBody(Body):
    """Names the project whose worker is meant."""

    project_id: Id


@blueprint.post("/workers/start")
@described({200: WorkerCommandResult, 202: WorkerCommandResult})
@waits
def start(query: TimeoutQuery, body: WorkerBody) -> Response:
    """Start the project's worker and wait until it polls."""
    return _answer(
        service().project_commands.start(body.project_id, query.seconds(service().settings.start_timeout)),
        WorkerStatus.RUNNING,
        body.project_id,
        "started",
    )


@blueprint.post("/workers/stop")
@described({200: WorkerCommandResult, 202: WorkerCommandResult})
@waits
def stop(query: TimeoutQuery, body: WorkerBody) -> Response:
    """Stop the project's worker and wait until it has drained."""
    state = service().project_commands.stop(body.project_id, query.seconds(service().settings.start_timeout))
    return _answer(state, WorkerStatus.STOPPED, body.project_id, "stopped")


@blueprint.post("/workers/restart")
@described({200: WorkerCommandResult, 202: WorkerCommandResult})
@waits
def restart(query: TimeoutQuery, body: WorkerBody) -> Response:
    """Give the project a new worker and wait until it polls."""
    return _answer(
        service().project_commands.restart(body.project_id, query.seconds(service().settings.start_timeout)),
        WorkerStatus.RUNNING,
        body.project_id,
        "restarted",
    )


@blueprint.get("/workers/status/<project_id>")
@described(WorkerInfo)
def status(project_id: Id) -> Response:
    """Say what the project's worker does."""
    found = service().project_commands.status(project_id)
    totals = None
    if found.worker is not None:
        with contextlib.suppress(StoreUnavailableError):  # the status is known without it
            totals = service().store.statistics.totals(project_id, found.worker.host_id)
    return respond(worker_info(found, totals))


@blueprint.get("/workers")
@described(WorkerList)
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
