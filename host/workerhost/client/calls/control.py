"""Calls that hold runs and projects, or take runs back."""

from typing import Any

from workerhost.answers import CommandResult, ExecuteResult, PauseResult
from workerhost.client.calls.call import CHECK_SECONDS, START_SECONDS, Call, project_path


def reset(project_id: str, workflow_id: str, to: Any, build: str | None, reason: str | None) -> Call[ExecuteResult]:
    """Take a run back."""
    path = project_path(project_id, "executions", workflow_id, "reset")
    body = {"to": to, "build": build, "reason": reason}
    return Call("POST", path, ExecuteResult, body, seconds=CHECK_SECONDS)


def hold(what: str, project_id: str, workflow_id: str, reason: str | None) -> Call[CommandResult]:
    """Have a run `pause` or `resume`."""
    return Call("POST", project_path(project_id, "executions", workflow_id, what), CommandResult, {"reason": reason})


def hold_project(what: str, project_id: str, reason: str | None) -> Call[PauseResult]:
    """Have a project `pause` or `resume`."""
    return Call("POST", project_path(project_id, what), PauseResult, {"reason": reason}, seconds=START_SECONDS)
