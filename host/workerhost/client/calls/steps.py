"""Calls about what a run has done."""

from workerhost.answers import ExecutionInfo, HistoryPage, NodeList, StepInfo, StepPage
from workerhost.client.calls.call import Call, project_path

HISTORY_SECONDS = 60.0
"""How long reading a history may take."""


def steps(project_id: str, workflow_id: str, limit: int, cursor: str | None) -> Call[StepPage]:
    """List steps of the latest run of that workflow id, in the order in which they began."""
    path = project_path(project_id, "executions", workflow_id, "steps")
    return Call("GET", path, StepPage, query={"limit": limit, "cursor": cursor}, seconds=HISTORY_SECONDS)


def step(project_id: str, workflow_id: str, step_id: str) -> Call[StepInfo]:
    """Show one step of the latest run of that workflow id, with its values whole."""
    return Call(
        "GET", project_path(project_id, "executions", workflow_id, "steps", step_id), StepInfo, seconds=HISTORY_SECONDS
    )


def nodes(project_id: str, workflow_id: str) -> Call[NodeList]:
    """List the nodes of the drawing that the latest run of that workflow id came to."""
    path = project_path(project_id, "executions", workflow_id, "nodes")
    return Call("GET", path, NodeList, seconds=HISTORY_SECONDS)


def events(project_id: str, workflow_id: str) -> Call[ExecutionInfo]:
    """Watch the latest run of that workflow id. The answer is a stream, in which the execution is said now and then."""
    return Call("GET", project_path(project_id, "executions", workflow_id, "events"), ExecutionInfo)


def history(project_id: str, workflow_id: str, limit: int, cursor: str | None) -> Call[HistoryPage]:
    """List events of the latest run of that workflow id as Temporal's own JSON, the first one first."""
    path = project_path(project_id, "executions", workflow_id, "history")
    return Call("GET", path, HistoryPage, query={"limit": limit, "cursor": cursor}, seconds=HISTORY_SECONDS)
