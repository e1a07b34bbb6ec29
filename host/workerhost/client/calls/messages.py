"""Calls that say something to a run: queries, updates, signals."""

from collections.abc import Sequence
from typing import Any

from workerhost.answers import CommandResult, QueryResult, UpdateResult
from workerhost.client.calls.call import Call, project_path
from workerhost.client.options import as_flag


def query(
    project_id: str, workflow_id: str, name: str, args: Sequence[Any], *, unchecked: bool = False
) -> Call[QueryResult]:
    """Have a run answer a query."""
    path = project_path(project_id, "executions", workflow_id, "query")
    return Call("POST", path, QueryResult, {"name": name, "args": list(args)}, {"unchecked": as_flag(unchecked)})


def update(  # noqa: PLR0913, PLR0917  all of it says what is asked
    project_id: str,
    workflow_id: str,
    name: str,
    args: Sequence[Any],
    update_id: str | None,
    timeout: float,
    *,
    unchecked: bool = False,
) -> Call[UpdateResult]:
    """Have a run take an update, and wait for its end."""
    path = project_path(project_id, "executions", workflow_id, "update")
    body = {"name": name, "args": list(args), "updateId": update_id}
    return Call(
        "POST", path, UpdateResult, body, {"timeout": timeout, "unchecked": as_flag(unchecked)}, seconds=timeout
    )


def signal(
    project_id: str, workflow_id: str, name: str, args: Sequence[Any], *, unchecked: bool = False
) -> Call[CommandResult]:
    """Send a signal to an execution."""
    path = project_path(project_id, "executions", workflow_id, "signal")
    return Call("POST", path, CommandResult, {"name": name, "args": list(args)}, {"unchecked": as_flag(unchecked)})
