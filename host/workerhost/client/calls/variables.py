"""Calls about variables."""

from typing import Any

from workerhost.answers import CommandResult, VariableInfo, VariablePage
from workerhost.client.calls.call import Call, project_path, without_none


def variables(
    project_id: str, scope: str | None, prefix: str | None, limit: int | None, cursor: str | None
) -> Call[VariablePage]:
    """List variables by scope and name, a page of them."""
    query = {"scope": scope, "prefix": prefix, "limit": limit, "cursor": cursor}
    return Call("GET", project_path(project_id, "variables"), VariablePage, query=query)


def variable(project_id: str, scope: str, name: str) -> Call[VariableInfo]:
    """Show one variable."""
    return Call("GET", project_path(project_id, "variables", scope, name), VariableInfo)


def put_variable(project_id: str, scope: str, name: str, value: Any, if_version: int | None) -> Call[VariableInfo]:
    """Give a variable a value."""
    body = {"value": value, **without_none({"ifVersion": if_version})}
    return Call("PUT", project_path(project_id, "variables", scope, name), VariableInfo, body)


def delete_variable(project_id: str, scope: str, name: str, if_version: int | None) -> Call[CommandResult]:
    """Delete a variable."""
    path = project_path(project_id, "variables", scope, name)
    return Call("DELETE", path, CommandResult, query={"ifVersion": if_version})
