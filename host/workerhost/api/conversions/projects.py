"""Projects and their workflows."""

from workerhost.answers import PauseInfo, ProjectInfo, WorkflowInfo
from workerhost.model import Pause, Project
from workerhost.store import StoredWorkflow


def pause_info(pause: Pause | None) -> PauseInfo | None:
    """Return a pause as the API shows it."""
    return None if pause is None else PauseInfo(since=pause.since, reason=pause.reason)


def project_info(project: Project) -> ProjectInfo:
    """Return a project as the API shows it."""
    return ProjectInfo(
        id=project.id,
        name=project.name,
        task_queue=project.task_queue,
        desired_state=project.desired_state,
        settings=project.settings,
        **({} if project.pause is None else {"paused": pause_info(project.pause)}),
    )


def workflow_info(workflow: StoredWorkflow) -> WorkflowInfo:
    """Return a workflow as the API shows it."""
    return WorkflowInfo(
        workflow_id=f"{workflow.project_id}/{workflow.name}",
        name=workflow.name,
        active_version=workflow.active_version,
        versions=workflow.versions,
    )
