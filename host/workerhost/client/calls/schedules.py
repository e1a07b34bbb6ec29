"""Calls about schedules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workerhost.answers import CommandResult, ScheduleInfo, SchedulePage
from workerhost.client.calls.call import Call, project_path
from workerhost.client.options import ScheduleOptions, as_body, as_flag

MANY_SECONDS = 60.0
"""How long a call that asks Temporal for many schedules may take."""


def schedules(project_id: str, limit: int | None, cursor: str | None) -> Call[SchedulePage]:
    """List schedules by name, a page of them."""
    path = project_path(project_id, "schedules")
    return Call("GET", path, SchedulePage, query={"limit": limit, "cursor": cursor}, seconds=MANY_SECONDS)


def schedule(project_id: str, name: str) -> Call[ScheduleInfo]:
    """Show one schedule."""
    return Call("GET", project_path(project_id, "schedules", name), ScheduleInfo)


def put_schedule(project_id: str, name: str, workflow_type: str, options: ScheduleOptions) -> Call[ScheduleInfo]:
    """Make a schedule, or replace it."""
    body = {"workflowType": workflow_type, **as_body(options)}
    query = {"unchecked": as_flag(options.get("unchecked"))}
    return Call("PUT", project_path(project_id, "schedules", name), ScheduleInfo, body, query, seconds=MANY_SECONDS)


def delete_schedule(project_id: str, name: str) -> Call[CommandResult]:
    """Delete a schedule."""
    return Call("DELETE", project_path(project_id, "schedules", name), CommandResult)


def command(what: str, project_id: str, name: str, body: Mapping[str, Any]) -> Call[CommandResult]:
    """Have a schedule `trigger`, `pause` or `resume`."""
    return Call("POST", project_path(project_id, "schedules", name, what), CommandResult, body)


def backfill(project_id: str, name: str, begin: datetime, end: datetime, overlap: str | None) -> Call[CommandResult]:
    """Have a schedule go through a time again."""
    body = {"from": begin.isoformat(), "to": end.isoformat(), "overlap": overlap}
    return Call("POST", project_path(project_id, "schedules", name, "backfill"), CommandResult, body)
