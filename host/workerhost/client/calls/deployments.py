"""Calls about the builds of a project."""

from workerhost.answers import BuildChangeResult, BuildMoveInfo, DeploymentInfo, MoveResult
from workerhost.client.calls.call import CHECK_SECONDS, START_SECONDS, Call, project_path


def deployment(project_id: str) -> Call[DeploymentInfo]:
    """Ask for a project's builds."""
    return Call("GET", project_path(project_id, "deployment"), DeploymentInfo)


def promote(project_id: str) -> Call[BuildChangeResult]:
    """Have all new runs take the build that some take already."""
    return Call("POST", project_path(project_id, "deployment", "promote"), BuildChangeResult, seconds=START_SECONDS)


def roll_back(project_id: str, build: str | None, version: str | None, workflow: str | None) -> Call[BuildChangeResult]:
    """Make an earlier build current again."""
    body = {"build": build, "version": version, "workflow": workflow}
    path = project_path(project_id, "deployment", "rollback")
    return Call("POST", path, BuildChangeResult, body, seconds=CHECK_SECONDS + START_SECONDS)


def move(project_id: str, workflow_id: str, build: str) -> Call[MoveResult]:
    """Have one execution go on with another build."""
    path = project_path(project_id, "executions", workflow_id, "move")
    return Call("POST", path, MoveResult, {"build": build}, seconds=START_SECONDS)


def move_all(project_id: str, from_build: str, to_build: str, timeout: float) -> Call[BuildMoveInfo]:
    """Have all open executions of a build go on with another, and wait so many seconds for it."""
    body = {"from": from_build, "to": to_build}
    path = project_path(project_id, "deployment", "move")
    return Call("POST", path, BuildMoveInfo, body, {"timeout": timeout}, seconds=timeout)


def build_move(project_id: str, move_id: str) -> Call[BuildMoveInfo]:
    """Ask how far a move is."""
    return Call("GET", project_path(project_id, "deployment", "moves", move_id), BuildMoveInfo)
