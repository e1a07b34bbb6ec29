"""A project's workflows and the versions of their code."""

from typing import Annotated, Any

from flask import Blueprint
from pydantic import BeforeValidator, Field

from workerhost.api import answers
from workerhost.api.request import Body, Id, Name, Version, check_id, query_flag, read_body, service
from workerhost.errors import InvalidRequestError
from workerhost.model import Ramp, Smoke, WorkflowCode
from workerhost.runtime.deployments.publisher import Publication, PublishPlan
from workerhost.runtime.deployments.replay_check import RECENT_RUNS

blueprint = Blueprint("workflows", __name__)

LONGEST_SMOKE = 280
"""Most seconds that a smoke run may take: a call holds a thread of the API, and clients wait five minutes at most."""


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AnyVersion = Annotated[Version, BeforeValidator(_as_text)]
"""A version; a whole number will do as well."""

Percent = Annotated[float, Field(gt=0, lt=100, allow_inf_nan=False, strict=True)]


class SmokeBody(Body):
    """The execution that is to complete on the new build before it becomes current."""

    workflow_type: Name
    args: list[Any] = []
    timeout_seconds: Annotated[float, Field(gt=0, le=LONGEST_SMOKE, allow_inf_nan=False, strict=True)] = Smoke.timeout

    def smoke(self) -> Smoke:
        """Return this for the runtime."""
        return Smoke(self.workflow_type, self.args, self.timeout_seconds)


class RampBody(Body):
    """The share of new runs that tries the new build."""

    percent: Percent
    failure_threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)] = Ramp.failure_threshold
    minimum_runs: Annotated[int, Field(ge=1, strict=True)] = Ramp.minimum_runs

    def ramp(self) -> Ramp:
        """Return this for the runtime."""
        return Ramp(self.percent, self.failure_threshold, self.minimum_runs)


def _as_ramp(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"percent": value} if is_number else value


class HowBody(Body):
    """How code is to be published."""

    smoke: SmokeBody | None = None
    ramp: Annotated[RampBody | None, BeforeValidator(_as_ramp)] = None


class VersionedBody(Body):
    """One version of a workflow's compiled code."""

    version: AnyVersion
    workflow_code: Annotated[str, Field(min_length=1)]
    activities_code: str | None = None


class CodeBody(VersionedBody, HowBody):
    """That, and how it is to be published."""


class NamedCodeBody(VersionedBody):
    """One of several workflows."""

    name: Id


class CodesBody(HowBody):
    """Versions of several workflows, which make one build."""

    workflows: Annotated[list[NamedCodeBody], Field(min_length=1)]


class CheckBody(Body):
    """Code that is not published, and how many runs are to be tried on it."""

    workflow_code: Annotated[str, Field(min_length=1)]
    activities_code: str | None = None
    sample: Annotated[int, Field(ge=0, le=1000, strict=True)] = RECENT_RUNS


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
    """Check and store a version of the workflow and make it active, or only check it."""
    _check_ids(project_id, name)
    body = read_body(CodeBody)
    code = WorkflowCode(name, body.version, body.workflow_code, body.activities_code)
    published = service().publisher.publish(project_id, [code], _plan(body))
    return _answer_one(published, f"Workflow {name} of project {project_id}", f"version {body.version}")


@blueprint.put("/projects/<project_id>/workflows")
def put_workflows(project_id: str) -> dict[str, Any]:
    """Do so with several workflows, in one build."""
    check_id("projectId", project_id)
    body = read_body(CodesBody)
    names = [each.name for each in body.workflows]
    if len(set(names)) < len(names):
        raise InvalidRequestError("workflows name a workflow twice")
    codes = [WorkflowCode(each.name, each.version, each.workflow_code, each.activities_code) for each in body.workflows]
    published = service().publisher.publish(project_id, codes, _plan(body))
    workflows = [{"workflowId": f"{project_id}/{code.name}", "version": code.version} for code in codes]
    what = "1 workflow" if len(codes) == 1 else f"{len(codes)} workflows"
    message = _message(published, f"{what} of project {project_id}", "is" if len(codes) == 1 else "are", "")
    return _answer(published, message) | {"workflows": workflows}


@blueprint.post("/projects/<project_id>/workflows/<name>/check")
def check_workflow(project_id: str, name: str) -> dict[str, Any]:
    """Check code that is not published, and whether the project's runs would replay on it."""
    _check_ids(project_id, name)
    body = read_body(CheckBody)
    code = WorkflowCode(name, "unpublished", body.workflow_code, body.activities_code)
    return answers.replay_check(service().replay_checker.check(project_id, code, body.sample))


@blueprint.post("/projects/<project_id>/workflows/<name>/activate")
def activate(project_id: str, name: str) -> dict[str, Any]:
    """Make an earlier version of the workflow active."""
    _check_ids(project_id, name)
    version = read_body(VersionBody).version
    published = service().publisher.activate(project_id, name, version)
    return _answer_one(published, f"Workflow {name} of project {project_id}", f"version {version}")


@blueprint.delete("/projects/<project_id>/workflows/<name>")
def delete_workflow(project_id: str, name: str) -> dict[str, Any]:
    """Delete the workflow; runs that are open end on the build they began on."""
    _check_ids(project_id, name)
    published = service().publisher.remove_workflow(project_id, name)
    named = {"workflowId": f"{project_id}/{name}", "version": None}
    return _answer(published, f"Workflow {name} of project {project_id} is deleted") | named


@blueprint.post("/workflows/reload")
def reload() -> dict[str, Any]:
    """Have the workflow's project run the code that is active in the tables."""
    workflow_id = read_body(ReloadBody).workflow_id
    project_id = service().project_commands.reload(workflow_id, service().settings.start_timeout)
    return {
        "success": True,
        "workflowId": workflow_id,
        "message": f"Project {project_id} runs the active code of its workflows",
    }


def _check_ids(project_id: str, name: str) -> None:
    check_id("projectId", project_id)
    check_id("the workflow's name", name)


def _plan(body: HowBody) -> PublishPlan:
    is_dry_run = query_flag("dryRun")
    if is_dry_run and body.smoke:
        raise InvalidRequestError("a dry run executes nothing; leave out smoke, or dryRun")
    smoke = body.smoke.smoke() if body.smoke else None
    return PublishPlan(is_dry_run, smoke, body.ramp.ramp() if body.ramp else None)


def _answer_one(published: Publication, what: str, version: str) -> dict[str, Any]:
    [code] = published.codes
    named = {"workflowId": f"{published.project_id}/{code.name}", "version": code.version}
    return _answer(published, _message(published, what, "is", f" in {version}")) | named


def _message(published: Publication, what: str, verb: str, version: str) -> str:
    if query_flag("dryRun"):
        return f"{what} would load{version}; nothing was stored"
    ramp = published.ramp
    is_tried = ramp is not None and ramp.build == published.build_id  # otherwise the ramp of another build goes on
    share = f" for {ramp.percent:g}% of new runs" if ramp and is_tried else ""
    again = "" if published.has_changed else " already; nothing has changed"
    return f"{what} {verb} live{version}{share}{again}"


def _answer(published: Publication, message: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "success": True,
        "message": message,
        "buildId": published.build_id,
        "changed": published.has_changed,
    }
    if query_flag("dryRun"):
        fields["dryRun"] = True
    if published.smoke:
        fields["smoke"] = published.smoke.to_json()
    if published.ramp:
        fields["ramp"] = answers.ramp(published.ramp)
    return fields
