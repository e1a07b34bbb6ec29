"""A project's workflows and the versions of their code."""

from typing import Annotated, Any

from flask import Blueprint
from pydantic import BeforeValidator, Field

from workerhost.api import answers
from workerhost.api.request import Body, Name, Version, check_id, read_body, service
from workerhost.model import WorkflowCode
from workerhost.runtime.publisher import Published

blueprint = Blueprint("workflows", __name__)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AnyVersion = Annotated[Version, BeforeValidator(_as_text)]
"""A version; a whole number will do as well."""


class CodeBody(Body):
    """One version of a workflow's compiled code."""

    version: AnyVersion
    workflow_code: Annotated[str, Field(min_length=1)]
    activities_code: str | None = None


class VersionBody(Body):
    """Names a version."""

    version: AnyVersion


class ReloadBody(Body):
    """Names a workflow by its row's id or as `<projectId>/<name>`."""

    workflow_id: Annotated[Name, Field(max_length=1000)]


@blueprint.get("/projects/<project_id>/workflows")
def all_workflows(project_id: str) -> dict[str, Any]:
    """List the project's workflows."""
    found = service().store.workflows.all(check_id("projectId", project_id))
    return {"workflows": [answers.workflow(workflow) for workflow in found]}


@blueprint.put("/projects/<project_id>/workflows/<name>")
def put_workflow(project_id: str, name: str) -> dict[str, Any]:
    """Check and store a version of the workflow and make it active."""
    _check_ids(project_id, name)
    body = read_body(CodeBody)
    code = WorkflowCode(name, body.version, body.workflow_code, body.activities_code)
    published = service().publisher.publish(project_id, code)
    return _answer(published, f"Workflow {name} of project {project_id} is live in version {body.version}")


@blueprint.post("/projects/<project_id>/workflows/<name>/activate")
def activate(project_id: str, name: str) -> dict[str, Any]:
    """Make an earlier version of the workflow active."""
    _check_ids(project_id, name)
    version = read_body(VersionBody).version
    published = service().publisher.activate(project_id, name, version)
    return _answer(published, f"Workflow {name} of project {project_id} is live in version {version}")


@blueprint.delete("/projects/<project_id>/workflows/<name>")
def delete_workflow(project_id: str, name: str) -> dict[str, Any]:
    """Delete the workflow; runs that are open end on the build they began on."""
    _check_ids(project_id, name)
    published = service().publisher.remove_workflow(project_id, name)
    return _answer(published, f"Workflow {name} of project {project_id} is deleted")


@blueprint.post("/workflows/reload")
def reload() -> dict[str, Any]:
    """Have the workflow's project run the code that is active in the tables."""
    workflow_id = read_body(ReloadBody).workflow_id
    project_id = service().control.reload(workflow_id, service().settings.start_timeout)
    return {
        "success": True,
        "workflowId": workflow_id,
        "message": f"Project {project_id} runs the active code of its workflows",
    }


def _check_ids(project_id: str, name: str) -> None:
    check_id("projectId", project_id)
    check_id("the workflow's name", name)


def _answer(published: Published, message: str) -> dict[str, Any]:
    return {
        "success": True,
        "message": message,
        "workflowId": f"{published.project_id}/{published.name}",
        "version": published.version,
        "buildId": published.build_id,
    }
