"""Calls about what the types of a build take and return."""

from workerhost.answers import ProjectActivityList, WorkflowTypeList
from workerhost.client.calls.call import CHECK_SECONDS, Call, project_path


def workflow_types(project_id: str, build: str) -> Call[WorkflowTypeList]:
    """List the workflow types of a build; one of an earlier version of the service is checked first."""
    path = project_path(project_id, "workflow-types")
    return Call("GET", path, WorkflowTypeList, query={"build": build}, seconds=CHECK_SECONDS)


def activities(project_id: str, build: str) -> Call[ProjectActivityList]:
    """List the activities that a project may call."""
    path = project_path(project_id, "activities")
    return Call("GET", path, ProjectActivityList, query={"build": build}, seconds=CHECK_SECONDS)
