"""What projects have used: executions, actions, time and space, by day."""

from flask import Blueprint, Response, request

from workerhost.answers import ProjectUsage, UsagePage
from workerhost.api.conversions import project_usage, usage_of_project
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.days import DaysQuery
from workerhost.api.reading.fields import Id
from workerhost.api.reading.query import PageQuery
from workerhost.api.response import respond
from workerhost.runtime.reporting.usage import UsageReports

blueprint = Blueprint("usage", __name__)

CSV = "text/csv"


class UsageQuery(DaysQuery, PageQuery):
    """Which days, and which page of the projects."""


@blueprint.get("/projects/<project_id>/usage")
@described(ProjectUsage)
def get_usage(project_id: Id, query: DaysQuery) -> Response:
    """Show what the project used on each day, in UTC; as CSV where the header Accept asks for text/csv."""
    first, last = query.days()
    shown = project_usage(UsageReports(service().store).days(project_id, first, last))
    return _csv(shown.to_csv(), f"{project_id}-{first}-{last}") if _wants_csv() else respond(shown)


@blueprint.get("/usage")
@described(UsagePage, name="listUsage")
def all_usage(query: UsageQuery) -> Response:
    """List what projects used, by project, a page at a time; all as CSV where the header Accept asks for text/csv."""
    first, last = query.days()
    reports = UsageReports(service().store)
    if _wants_csv():
        projects = tuple(usage_of_project(*each) for each in reports.all(first, last))
        return _csv(UsagePage(projects=projects).to_csv(), f"usage-{first}-{last}")
    found, cursor = reports.page(first, last, query.number, query.cursor)
    return respond(UsagePage(projects=tuple(usage_of_project(*each) for each in found), cursor=cursor))


def _wants_csv() -> bool:
    return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def _csv(text: str, name: str) -> Response:
    response = Response(text, mimetype=CSV)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
