"""Calls about executions."""

from collections.abc import Mapping, Sequence
from typing import Any

from workerhost.answers import CommandResult, ExecuteResult, ExecutionCounts, ExecutionInfo, ExecutionPage, StartResult
from workerhost.client.calls.call import Call, project_path
from workerhost.client.options import ExecuteOptions, Filters, as_body, as_flag, as_query

STUCK_SECONDS = 60.0
"""How long looking for executions that do not go on may take."""


def execute(
    project_id: str, workflow_type: str, args: Sequence[Any], workflow_id: str | None, options: ExecuteOptions
) -> Call[ExecuteResult]:
    """Start an execution."""
    body = {"workflowType": workflow_type, "args": list(args), "workflowId": workflow_id, **as_body(options)}
    query = {"unchecked": as_flag(options.get("unchecked"))}
    return Call("POST", project_path(project_id, "executions"), ExecuteResult, body, query)


def start_with(  # noqa: PLR0913, PLR0917  all of it says what is started
    project_id: str,
    workflow_type: str,
    args: Sequence[Any],
    workflow_id: str | None,
    extra: Mapping[str, Any],
    timeout: float,
    *,
    unchecked: bool | None = None,
) -> Call[StartResult]:
    """Start an execution, or take the one that runs, with what is in `extra`: a signal or an update, and options."""
    body = {"workflowType": workflow_type, "args": list(args), "workflowId": workflow_id, **extra}
    query = {"timeout": timeout, "unchecked": as_flag(unchecked)}
    return Call("POST", project_path(project_id, "executions"), StartResult, body, query, seconds=timeout)


def retry(project_id: str, workflow_id: str, new_id: str | None, *, unchecked: bool = False) -> Call[ExecuteResult]:
    """Start an execution with the type and the arguments of an earlier one."""
    path = project_path(project_id, "executions", workflow_id, "retry")
    return Call("POST", path, ExecuteResult, {"workflowId": new_id}, {"unchecked": as_flag(unchecked)})


def execution(project_id: str, workflow_id: str, wait: float = 0) -> Call[ExecutionInfo]:
    """Look at an execution, after waiting so many seconds for its end."""
    path = project_path(project_id, "executions", workflow_id)
    return Call("GET", path, ExecutionInfo, query={"wait": wait or None}, seconds=wait)


def executions(
    project_id: str, limit: int | None, cursor: str | None, filters: Filters, *, stuck: bool = False
) -> Call[ExecutionPage]:
    """List executions, newest first: a page of them, those alone that the filters admit, or that do not go on."""
    query = {**as_query(filters), "limit": limit, "cursor": cursor, "stuck": as_flag(stuck)}
    return Call(
        "GET", project_path(project_id, "executions"), ExecutionPage, query=query, seconds=STUCK_SECONDS * stuck
    )


def execution_counts(
    project_id: str, group_by: str | None, filters: Filters, *, stuck: bool = False
) -> Call[ExecutionCounts]:
    """Count executions, also in groups, or those alone that do not go on."""
    query = {**as_query(filters), "groupBy": group_by, "stuck": as_flag(stuck)}
    path = project_path(project_id, "execution-counts")
    return Call("GET", path, ExecutionCounts, query=query, seconds=STUCK_SECONDS * stuck)


def end(how: str, project_id: str, workflow_id: str, reason: str | None) -> Call[CommandResult]:
    """Have an execution `cancel` or `terminate`."""
    return Call("POST", project_path(project_id, "executions", workflow_id, how), CommandResult, {"reason": reason})
