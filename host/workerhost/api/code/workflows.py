"""A project's workflows and the versions of their code."""

import functools
import logging
from collections.abc import Sequence
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import BeforeValidator, Field

from workerhost.answers import PublishResult, ReloadResult, ReplayCheckResult, WorkflowDeletionResult, WorkflowList
from workerhost.api.code.publish_lines import logged
from workerhost.api.conversions import (
    publish_list_result,
    publish_result,
    replay_check_result,
    workflow_deletion_result,
    workflow_info,
)
from workerhost.api.describing.call import described
from workerhost.api.reading.body import Body, service
from workerhost.api.reading.fields import Id, RowId, Version
from workerhost.api.reading.query import Flag, Query
from workerhost.api.reading.sources import SourcesBody
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.drawing import DrawnWorkflow
from workerhost.errors import InvalidRequestError
from workerhost.forms.fields import Name
from workerhost.model import Ramp, Smoke, WorkflowCode
from workerhost.runtime.deployments.publisher import Publication, PublishPlan
from workerhost.runtime.deployments.replay_check import RECENT_RUNS

blueprint = Blueprint("workflows", __name__)
log = logging.getLogger(__name__)

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


class VersionedBody(SourcesBody):
    """One version of a workflow."""

    version: AnyVersion


class CodeBody(VersionedBody, HowBody):
    """One version of a workflow, and how it is to be published."""


class NamedCodeBody(VersionedBody):
    """One version of a workflow, among those of several."""

    name: Id


class CodesBody(HowBody):
    """Versions of several workflows, which make one build."""

    workflows: Annotated[list[NamedCodeBody], Field(min_length=1)]


class CheckBody(SourcesBody):
    """Code or a drawing that is not published, and how many runs are to be tried on it."""

    sample: Annotated[int, Field(ge=0, le=1000, strict=True)] = RECENT_RUNS


class VersionBody(Body):
    """Names a version."""

    version: AnyVersion


class PublishQuery(Query):
    """Whether code is only to be checked."""

    dry_run: Flag = False


class ReloadBody(Body):
    """Names a workflow by its row's id or as `<projectId>/<name>`."""

    workflow_id: RowId


@blueprint.get("/projects/<project_id>/workflows")
@described(WorkflowList)
def all_workflows(project_id: Id) -> Response:
    """List the project's workflows."""
    found = service().store.workflows.all(project_id)
    return respond(WorkflowList(workflows=tuple(workflow_info(workflow) for workflow in found)))


@blueprint.put("/projects/<project_id>/workflows/<name>")
@described(PublishResult)
@waits
def put_workflow(project_id: Id, name: Id, query: PublishQuery, body: CodeBody) -> Response:
    """Check and store a version of the workflow and make it active, or only check it."""
    published = _publish(project_id, [body.workflow(name, body.version)], _plan(body, query))
    return respond(publish_result(published, is_dry_run=query.dry_run))


@blueprint.put("/projects/<project_id>/workflows")
@described(PublishResult)
@waits
def put_workflows(project_id: Id, query: PublishQuery, body: CodesBody) -> Response:
    """Check and store versions of several workflows and make them active in one build, or only check them."""
    names = [each.name for each in body.workflows]
    if len(set(names)) < len(names):
        raise InvalidRequestError("workflows name a workflow twice")
    workflows = [each.workflow(each.name, each.version) for each in body.workflows]
    published = _publish(project_id, workflows, _plan(body, query))
    return respond(publish_list_result(published, is_dry_run=query.dry_run))


@blueprint.post("/projects/<project_id>/workflows/<name>/check")
@described(ReplayCheckResult)
@waits
def check_workflow(project_id: Id, name: Id, body: CheckBody) -> Response:
    """Check code or a drawing that is not published, and whether the project's runs would replay on it."""
    found = service().replay_checker.check(project_id, body.workflow(name, "unpublished"), body.sample)
    return respond(replay_check_result(found))


@blueprint.post("/projects/<project_id>/workflows/<name>/activate")
@described(PublishResult)
@waits
def activate(project_id: Id, name: Id, body: VersionBody) -> Response:
    """Make an earlier version of the workflow active."""
    published = logged(
        project_id, [f"{name} {body.version}"], lambda: service().publisher.activate(project_id, name, body.version)
    )
    return respond(publish_result(published, is_dry_run=False))


@blueprint.delete("/projects/<project_id>/workflows/<name>")
@described(WorkflowDeletionResult)
@waits
def delete_workflow(project_id: Id, name: Id) -> Response:
    """Delete the workflow; runs that are open end on the build they began on."""
    build_id = service().publisher.remove_workflow(project_id, name)
    log.info("project %s: workflow %s is deleted", project_id, name, extra={"project": project_id, "build": build_id})
    return respond(workflow_deletion_result(project_id, name, build_id))


@blueprint.post("/workflows/reload")
@described(ReloadResult)
@waits
def reload(body: ReloadBody) -> Response:
    """Have the workflow's project run the code that is active in the tables."""
    project_id = service().project_commands.reload(body.workflow_id, service().settings.start_timeout)
    message = f"Project {project_id} runs the active code of its workflows"
    return respond(ReloadResult(success=True, workflow_id=body.workflow_id, message=message))


def _publish(project_id: str, workflows: Sequence[WorkflowCode | DrawnWorkflow], plan: PublishPlan) -> Publication:
    publish = functools.partial(service().publisher.publish, project_id, workflows, plan)
    versions = [f"{each.name} {each.version}" for each in workflows]
    return publish() if plan.is_dry_run else logged(project_id, versions, publish)


def _plan(body: HowBody, query: PublishQuery) -> PublishPlan:
    if query.dry_run and body.smoke:
        raise InvalidRequestError("a dry run executes nothing; leave out smoke, or dryRun")
    smoke = body.smoke.smoke() if body.smoke else None
    return PublishPlan(query.dry_run, smoke, body.ramp.ramp() if body.ramp else None)
