"""Calls about what projects did and used."""

from datetime import date, datetime

from workerhost.answers import ProjectUsage, StatisticsReport, UsagePage
from workerhost.client.calls.call import Call, project_path

REPORT_SECONDS = 60.0
"""How long adding figures up may take."""


def statistics(
    project_id: str | None, after: datetime | None, before: datetime | None, by: str | None, of: str | None
) -> Call[StatisticsReport]:
    """Show how activities or runs ended and how long they took, of one project or of all."""
    path = "/statistics" if project_id is None else project_path(project_id, "statistics")
    query = {"from": after and after.isoformat(), "to": before and before.isoformat(), "by": by, "of": of}
    return Call("GET", path, StatisticsReport, query=query, seconds=REPORT_SECONDS)


def usage(project_id: str, first: date | None, last: date | None) -> Call[ProjectUsage]:
    """Show what a project used on each day."""
    query = {"from": first and first.isoformat(), "to": last and last.isoformat()}
    return Call("GET", project_path(project_id, "usage"), ProjectUsage, query=query)


def usage_page(first: date | None, last: date | None, limit: int, cursor: str | None) -> Call[UsagePage]:
    """List what projects used."""
    query = {"from": first and first.isoformat(), "to": last and last.isoformat(), "limit": limit, "cursor": cursor}
    return Call("GET", "/usage", UsagePage, query=query, seconds=REPORT_SECONDS)
