"""A project's workflows and the versions of their code."""

from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field, StringConstraints

from workerhost.answers import ReloadResult, WorkflowList
from workerhost.api.conversions import (
    publish_list_result,
    publish_result,
    replay_check_result,
    workflow_deletion_result,
    workflow_info,
)
from workerhost.api.reading.body import NO_CONTROL_CHARACTERS, Body, Id, Name, Version, check_id, read_body, service
from workerhost.api.reading.query import Flag, Query, with_query
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.errors import InvalidRequestError
from workerhost.model import Ramp, Smoke, WorkflowCode
from workerhost.runtime.deployments.publisher import PublishPlan
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
    """One version of a workflow's compiled code, and how it is to be published."""


class NamedCodeBody(VersionedBody):
    """One version of a workflow's compiled code, among those of several workflows."""

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


class PublishQuery(Query):
    """Whether code is only to be checked."""

    dry_run: Flag = False


class ReloadBody(Body):
    """Names a workflow by its row's id or as `<projectId>/<name>`."""

    workflow_id: Annotated[str, StringConstraints(min_length=1, max_length=1000), NO_CONTROL_CHARACTERS]


@blueprint.get("/projects/<project_id>/workflows")
def all_workflows(project_id: str) -> Response:
    """List the project's workflows."""
    found = service().store.workflows.all(check_id("projectId", project_id))
    return respond(WorkflowList(workflows=tuple(workflow_info(workflow) for workflow in found)))


@blueprint.put("/projects/<project_id>/workflows/<name>")
@with_query(PublishQuery)
@waits
def put_workflow(query: PublishQuery, project_id: str, name: str) -> Response:
    """Check and store a version of the workflow and make it active, or only check it."""
    _check_ids(project_id, name)
    body = read_body(CodeBody)
    code = WorkflowCode(name, body.version, body.workflow_code, body.activities_code)
    published = service().publisher.publish(project_id, [code], _plan(body, query))
    return respond(publish_result(published, is_dry_run=query.dry_run))


@blueprint.put("/projects/<project_id>/workflows")
@with_query(PublishQuery)
@waits
def put_workflows(query: PublishQuery, project_id: str) -> Response:
    """Check and store versions of several workflows and make them active in one build, or only check them."""
    check_id("projectId", project_id)
    body = read_body(CodesBody)
    names = [each.name for each in body.workflows]
    if len(set(names)) < len(names):
        raise InvalidRequestError("workflows name a workflow twice")
    codes = [WorkflowCode(each.name, each.version, each.workflow_code, each.activities_code) for each in body.workflows]
    published = service().publisher.publish(project_id, codes, _plan(body, query))
    return respond(publish_list_result(published, is_dry_run=query.dry_run))


@blueprint.post("/projects/<project_id>/workflows/<name>/check")
@waits
def check_workflow(project_id: str, name: str) -> Response:
    """Check code that is not published, and whether the project's runs would replay on it."""
    _check_ids(project_id, name)
    body = read_body(CheckBody)
    code = WorkflowCode(name, "unpublished", body.workflow_code, body.activities_code)
    return respond(replay_check_result(service().replay_checker.check(project_id, code, body.sample)))


@blueprint.post("/projects/<project_id>/workflows/<name>/activate")
@waits
def activate(project_id: str, name: str) -> Response:
    """Make an earlier version of the workflow active."""
    _check_ids(project_id, name)
    published = service().publisher.activate(project_id, name, read_body(VersionBody).version)
    return respond(publish_result(published, is_dry_run=False))


@blueprint.delete("/projects/<project_id>/workflows/<name>")
@waits
def delete_workflow(project_id: str, name: str) -> Response:
    """Delete the workflow; runs that are open end on the build they began on."""
    _check_ids(project_id, name)
    build_id = service().publisher.remove_workflow(project_id, name)
    return respond(workflow_deletion_result(project_id, name, build_id))


@blueprint.post("/workflows/reload")
@waits
def reload() -> Response:
    """Have the workflow's project run the code that is active in the tables."""
    workflow_id = read_body(ReloadBody).workflow_id
    project_id = service().project_commands.reload(workflow_id, service().settings.start_timeout)
    message = f"Project {project_id} runs the active code of its workflows"
    return respond(ReloadResult(success=True, workflow_id=workflow_id, message=message))


def _check_ids(project_id: str, name: str) -> None:
    check_id("projectId", project_id)
    check_id("the workflow's name", name)


def _plan(body: HowBody, query: PublishQuery) -> PublishPlan:
    if query.dry_run and body.smoke:
        raise InvalidRequestError("a dry run executes nothing; leave out smoke, or dryRun")
    smoke = body.smoke.smoke() if body.smoke else None
    return PublishPlan(query.dry_run, smoke, body.ramp.ramp() if body.ramp else None)
