"""Finding executions of a project: lists of them, and counts."""

from flask import Blueprint, Response

from workerhost.answers import ExecutionCounts, ExecutionPage, GroupCountInfo
from workerhost.api.conversions import execution_info
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.fields import Id
from workerhost.api.reading.filters import FilterQuery
from workerhost.api.reading.query import Flag, PageQuery
from workerhost.api.response import respond
from workerhost.api.waiting import step_aside
from workerhost.runtime.executions.listing.operations import GroupBy

blueprint = Blueprint("finding", __name__, url_prefix="/projects/<project_id>")


class StuckQuery(FilterQuery):
    """Which executions are meant, also by whether they go on."""

    stuck: Flag = False
    """Whether only those are meant that run and do not go on; each one that runs is looked at."""


class ListQuery(PageQuery, StuckQuery):
    """Which executions are listed, and which page of them."""


class CountQuery(StuckQuery):
    """Which executions are counted, and by what."""

    group_by: GroupBy | None = None


@blueprint.get("/executions")
@described(ExecutionPage)
def all_executions(project_id: Id, query: ListQuery) -> Response:
    """List executions of the project, newest first, a page at a time."""
    project = service().store.projects.get(project_id)
    moved = service().store.moves.runs(project.id)
    lists = service().runs.lists
    if query.stuck:
        step_aside()
    find = lists.stuck_page if query.stuck else lists.page
    found, cursor = find(project, query.wanted(), moved, query.number, query.cursor)
    builds = {run.run_id: run.to_build for run in moved}
    shown = tuple(execution_info(each, builds.get(each.run_id)) for each in found)
    return respond(ExecutionPage(executions=shown, cursor=cursor))


@blueprint.get("/execution-counts")
@described(ExecutionCounts, name="countExecutions")
def count_executions(project_id: Id, query: CountQuery) -> Response:
    """Count executions of the project, also by status, workflow type or build."""
    project = service().store.projects.get(project_id)
    moved = service().store.moves.runs(project.id)
    lists = service().runs.lists
    if query.stuck:
        step_aside()
        total, groups = lists.stuck_counts(project, query.wanted(), moved, query.group_by)
    else:
        builds = service().store.builds.workflow_types(project.id) if query.group_by else {}
        types = {name for names in builds.values() for name in names}
        values = sorted(types if query.group_by == GroupBy.WORKFLOW_TYPE else builds)
        total, groups = lists.counts(project, query.wanted(), moved, query.group_by, values)
    shown = tuple(GroupCountInfo(value=each.value, count=each.count) for each in groups)
    return respond(ExecutionCounts(count=total, groups=shown))
