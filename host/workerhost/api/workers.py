"""Starting, stopping and looking at project workers."""

from typing import Any

from flask import Blueprint

from workerhost.api import answers
from workerhost.api.request import Body, Id, check_id, query_number, read_body, service
from workerhost.runtime.hosts.project_status import ProjectStatus
from workerhost.words import WorkerStatus

blueprint = Blueprint("workers", __name__)

Answer = tuple[dict[str, Any], int]
LONGEST_WAIT = 300
"""Most seconds that `?timeout=` may ask for; each waiting call holds a thread of the API."""


class ProjectBody(Body):
    """Names a project."""

    project_id: Id


@blueprint.post("/workers/start")
def start() -> Answer:
    """Start the project's worker and wait until it polls."""
    project_id = read_body(ProjectBody).project_id
    return _answer(
        service().project_commands.start(project_id, _timeout()), WorkerStatus.RUNNING, project_id, "started"
    )


@blueprint.post("/workers/stop")
def stop() -> Answer:
    """Stop the project's worker and wait until it has drained."""
    project_id = read_body(ProjectBody).project_id
    state = service().project_commands.stop(project_id, _timeout())
    return _answer(state, WorkerStatus.STOPPED, project_id, "stopped")


@blueprint.post("/workers/restart")
def restart() -> Answer:
    """Give the project a new worker and wait until it polls."""
    project_id = read_body(ProjectBody).project_id
    return _answer(
        service().project_commands.restart(project_id, _timeout()), WorkerStatus.RUNNING, project_id, "restarted"
    )


@blueprint.get("/workers/status/<project_id>")
def status(project_id: str) -> dict[str, Any]:
    """Say what the project's worker does."""
    found = service().project_commands.status(check_id("projectId", project_id))
    worker = found.worker
    return {
        "projectId": found.project.id,
        "status": found.status,
        "isRunning": found.status == WorkerStatus.RUNNING,
        "workerId": worker.worker_id if worker else None,
        "taskQueue": found.project.task_queue,
        "hostId": worker.host_id if worker else None,
        "buildId": (worker.build_id if worker else None) or found.project.current_build,
        "startedAt": answers.time(worker.started_at) if worker else None,
        "lastHeartbeat": answers.time(worker.last_heartbeat) if worker else None,
        "error": found.error,
        "replicas": {"wanted": found.replicas, "running": found.running},
    }


@blueprint.get("/workers")
def running() -> dict[str, Any]:
    """List the projects whose worker polls."""
    projects = service().project_commands.running()
    return {"workers": projects, "count": len(projects)}


def _timeout() -> float:
    return query_number("timeout", service().settings.start_timeout, most=LONGEST_WAIT)


def _answer(state: ProjectStatus, wanted: WorkerStatus, project_id: str, done: str) -> Answer:
    if state.status == wanted:
        return {"success": True, "message": f"Worker {done} for project {project_id}"}, 200
    reason = f": {state.error}" if state.error else ""
    message = f"Worker for project {project_id} is {state.status}{reason}"
    return {"success": True, "message": message, "status": state.status}, 202
