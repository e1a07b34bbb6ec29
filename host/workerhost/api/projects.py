"""Projects."""

from flask import Blueprint, Response

from workerhost.answers import CommandResult, ProjectInfo, ProjectList
from workerhost.api.conversions import project_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id, TaskQueue
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside, waits
from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import Name
from workerhost.project_settings import ProjectSettings
from workerhost.words import Isolation

blueprint = Blueprint("projects", __name__)


class ProjectBody(Body):
    """What of a project can be set."""

    name: Name | None = None
    task_queue: TaskQueue | None = None
    settings: ProjectSettings | None = None


@blueprint.get("/projects")
@described(ProjectList)
def all_projects() -> Response:
    """List all projects."""
    return respond(ProjectList(projects=tuple(project_info(project) for project in service().store.projects.all())))


@blueprint.get("/projects/<project_id>")
@described(ProjectInfo)
def get_project(project_id: Id) -> Response:
    """Show one project."""
    return respond(project_info(service().store.projects.get(project_id)))


@blueprint.put("/projects/<project_id>")
@described({200: ProjectInfo, 201: ProjectInfo})
def put_project(project_id: Id, body: ProjectBody) -> Response:
    """Create the project, or change what the body names."""
    if body.settings and body.settings.isolation == Isolation.THREAD != service().settings.isolation:
        raise InvalidRequestError("settings.isolation: this installation does not allow thread (WORKERHOST_ISOLATION)")
    if body.task_queue is not None:
        step_aside()  # schedules follow, and Temporal may have many of them
    project, created = service().store.projects.put(
        project_id,
        name=body.name,
        task_queue=body.task_queue,
        settings=body.settings.model_dump(by_alias=True, exclude_none=True) if body.settings else None,
    )
    if body.task_queue is not None and not created:
        service().schedules.follow_task_queue(project)
    return respond(project_info(project), 201 if created else 200)


@blueprint.delete("/projects/<project_id>")
@described(CommandResult)
@waits
def delete_project(project_id: Id) -> Response:
    """Stop the project's worker, and delete the project with its schedules and its log."""
    service().project_commands.delete_project(project_id, service().settings.start_timeout)
    service().observation.log_trimmer.look_at_all_soon()
    service().observation.log_followers.wake(frozenset({project_id}))
    return respond(CommandResult(success=True, message=f"Project {project_id} deleted"))
