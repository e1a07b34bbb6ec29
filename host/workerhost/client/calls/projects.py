"""Calls about the installation, projects and their workers."""

from collections.abc import Mapping
from typing import Any

from workerhost.answers import ProjectInfo, ProjectList, ReadinessInfo, WorkerCommandResult, WorkerInfo, WorkerList
from workerhost.client.calls.call import START_SECONDS, Call, path, project_path
from workerhost.project_settings import ProjectSettings


def ready() -> Call[ReadinessInfo]:
    """Ask whether the service can work."""
    return Call("GET", "/ready", ReadinessInfo)


def projects() -> Call[ProjectList]:
    """List all projects."""
    return Call("GET", "/projects", ProjectList)


def put_project(
    project_id: str,
    name: str | None = None,
    task_queue: str | None = None,
    settings: ProjectSettings | Mapping[str, Any] | None = None,
) -> Call[ProjectInfo]:
    """Create a project, or change what is given."""
    if isinstance(settings, ProjectSettings):
        settings = settings.model_dump(by_alias=True, exclude_none=True)
    body = {"name": name, "taskQueue": task_queue, "settings": settings}
    return Call("PUT", project_path(project_id), ProjectInfo, body)


def workers() -> Call[WorkerList]:
    """List the projects that run."""
    return Call("GET", "/workers", WorkerList)


def status(project_id: str) -> Call[WorkerInfo]:
    """Ask what a project's worker does."""
    return Call("GET", path("workers", "status", project_id), WorkerInfo)


def command(what: str, project_id: str, timeout: float | None) -> Call[WorkerCommandResult]:
    """Have a project's worker `start`, `stop` or `restart`."""
    wait = START_SECONDS if timeout is None else timeout
    return Call(
        "POST", path("workers", what), WorkerCommandResult, {"projectId": project_id}, {"timeout": timeout}, wait
    )
