"""Calls about the logs of projects."""

from workerhost.answers import LogPage
from workerhost.client.calls.call import Call, project_path
from workerhost.client.options import LogFilters, as_query


def logs(project_id: str, limit: int | None, cursor: str | None, filters: LogFilters) -> Call[LogPage]:
    """List lines, newest first: a page of them, those alone that the filters admit."""
    query = {**as_query(filters), "limit": limit, "cursor": cursor}
    return Call("GET", project_path(project_id, "logs"), LogPage, query=query)


def follow_logs(project_id: str, newest: int, filters: LogFilters) -> Call[LogPage]:
    """Follow a log as a stream of events, which begins with so many of the newest lines."""
    query = {**as_query(filters), "limit": newest, "follow": "true"}
    return Call("GET", project_path(project_id, "logs"), LogPage, query=query)
