"""What the workflow types and activities of a project take and return."""

from flask import Blueprint, Response

from workerhost.answers import ProjectActivityList, WorkflowTypeList
from workerhost.api.conversions import own_activity_info, plugin_activity_info, workflow_type_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import AnyBuild, Id
from workerhost.api.reading.query import Query
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.words import CURRENT

blueprint = Blueprint("types", __name__, url_prefix="/projects/<project_id>")


class BuildQuery(Query):
    """Which build is meant."""

    build: AnyBuild = CURRENT
    """Its id, or `current`, which is meant without it."""


@blueprint.get("/workflow-types")
@described(WorkflowTypeList)
@waits
def workflow_types(project_id: Id, query: BuildQuery) -> Response:
    """List the workflow types of a build, with what they take, return and can be told."""
    found = service().runs.types.of_build(service().store.projects.get(project_id), query.build)
    if found is None:
        return respond(WorkflowTypeList(workflow_types=(), build_id=None))
    shown = tuple(workflow_type_info(each, found.workflows) for each in found.types.workflows)
    return respond(WorkflowTypeList(workflow_types=shown, build_id=found.summary.id))


@blueprint.get("/activities")
@described(ProjectActivityList)
@waits
def activities(project_id: Id, query: BuildQuery) -> Response:
    """List the activities that the project may call: those of a build of its own, and those of plugins."""
    found = service().runs.types.of_build(service().store.projects.get(project_id), query.build)
    shown = {entry.name: plugin_activity_info(entry) for entry in service().catalogue.values()}
    if found is not None:  # the project's own takes the place of a plugin's
        shown |= {each.name: own_activity_info(each, found.workflows) for each in found.types.activities}
    listed = tuple(each for _, each in sorted(shown.items()))
    return respond(ProjectActivityList(activities=listed, build_id=found.summary.id if found else None))
