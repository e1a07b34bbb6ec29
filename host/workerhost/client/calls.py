"""Each call of the control API, described once: its method, path, body and answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from workerhost.answers import (
    Answer,
    BuildChangeResult,
    BuildMoveInfo,
    CommandResult,
    DeploymentInfo,
    ExecuteResult,
    ExecutionCounts,
    ExecutionInfo,
    ExecutionPage,
    HistoryPage,
    MoveResult,
    ProjectInfo,
    ProjectList,
    PublishResult,
    QueryResult,
    ReadinessInfo,
    ReplayCheckResult,
    StepInfo,
    StepPage,
    UpdateResult,
    WorkerCommandResult,
    WorkerInfo,
    WorkerList,
)
from workerhost.client.options import ExecuteOptions, Filters, as_body, as_query
from workerhost.errors import InvalidRequestError
from workerhost.model import ProjectSettings, Ramp, Smoke, WorkflowCode

A = TypeVar("A", bound=Answer)

START_SECONDS = 30.0
"""How long the service waits for a worker, or for all hosts to take a build, unless it is set otherwise."""
CHECK_SECONDS = 60.0
"""How long checking a build may take, its turn included."""
REPLAY_SECONDS = 280.0
"""How long replaying runs may take."""
HISTORY_SECONDS = 60.0
"""How long reading a history may take."""
STUCK_SECONDS = 60.0
"""How long looking for executions that do not go on may take."""


@dataclass(frozen=True)
class Call(Generic[A]):
    """One call.

    Attributes:
        method: of HTTP.
        path: below the address of the service.
        answer: what it is answered with.
        body: sent as JSON; None for none. Keys that are None are left out.
        query: of the address; keys that are None are left out.
        seconds: how long the service may rightly take, beyond what any call takes.
    """

    method: str
    path: str
    answer: type[A]
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is set."""
    return {key: value for key, value in values.items() if value is not None}


def ready() -> Call[ReadinessInfo]:
    """Ask whether the service can work."""
    return Call("GET", "/ready", ReadinessInfo)


def projects() -> Call[ProjectList]:
    """List all projects."""
    return Call("GET", "/projects", ProjectList)


def put_project(
    project_id: str,
    name: str | None = None,
    task_queue: str | None = None,
    settings: ProjectSettings | Mapping[str, Any] | None = None,
) -> Call[ProjectInfo]:
    """Create a project, or change what is given."""
    if isinstance(settings, ProjectSettings):
        settings = settings.model_dump(by_alias=True, exclude_none=True)
    body = {"name": name, "taskQueue": task_queue, "settings": settings}
    return Call("PUT", _project(project_id), ProjectInfo, body)


def workers() -> Call[WorkerList]:
    """List the projects that run."""
    return Call("GET", "/workers", WorkerList)


def status(project_id: str) -> Call[WorkerInfo]:
    """Ask what a project's worker does."""
    return Call("GET", _path("workers", "status", project_id), WorkerInfo)


def command(what: str, project_id: str, timeout: float | None) -> Call[WorkerCommandResult]:
    """Have a project's worker `start`, `stop` or `restart`."""
    wait = START_SECONDS if timeout is None else timeout
    return Call(
        "POST", _path("workers", what), WorkerCommandResult, {"projectId": project_id}, {"timeout": timeout}, wait
    )


def publish(
    project_id: str, code: WorkflowCode, smoke: Smoke | None, ramp: float | Ramp | None, *, dry_run: bool
) -> Call[PublishResult]:
    """Publish one workflow."""
    path = _project(project_id, "workflows", code.name)
    return _publish(path, {"version": code.version, **_source(code)}, smoke, ramp, dry_run=dry_run)


def publish_all(
    project_id: str, codes: Sequence[WorkflowCode], smoke: Smoke | None, ramp: float | Ramp | None, *, dry_run: bool
) -> Call[PublishResult]:
    """Publish several workflows in one build."""
    workflows = [{"name": code.name, "version": code.version, **_source(code)} for code in codes]
    return _publish(_project(project_id, "workflows"), {"workflows": workflows}, smoke, ramp, dry_run=dry_run)


def check(project_id: str, code: WorkflowCode, sample: int | None) -> Call[ReplayCheckResult]:
    """Have runs that exist replayed on new code."""
    path = _project(project_id, "workflows", code.name, "check")
    return Call("POST", path, ReplayCheckResult, {**_source(code), "sample": sample}, seconds=REPLAY_SECONDS)


def execute(
    project_id: str, workflow_type: str, args: Sequence[Any], workflow_id: str | None, options: ExecuteOptions
) -> Call[ExecuteResult]:
    """Start an execution."""
    body = {"workflowType": workflow_type, "args": list(args), "workflowId": workflow_id, **as_body(options)}
    return Call("POST", _project(project_id, "executions"), ExecuteResult, body)


def retry(project_id: str, workflow_id: str, new_id: str | None) -> Call[ExecuteResult]:
    """Start an execution with the type and the arguments of an earlier one."""
    path = _project(project_id, "executions", workflow_id, "retry")
    return Call("POST", path, ExecuteResult, {"workflowId": new_id})


def execution(project_id: str, workflow_id: str, wait: float = 0) -> Call[ExecutionInfo]:
    """Look at an execution, after waiting so many seconds for its end."""
    path = _project(project_id, "executions", workflow_id)
    return Call("GET", path, ExecutionInfo, query={"wait": wait or None}, seconds=wait)


def executions(
    project_id: str, limit: int | None, cursor: str | None, filters: Filters, *, stuck: bool = False
) -> Call[ExecutionPage]:
    """List executions, newest first: a page of them, those alone that the filters admit, or that do not go on."""
    query = {**as_query(filters), "limit": limit, "cursor": cursor, "stuck": "true" if stuck else None}
    return Call("GET", _project(project_id, "executions"), ExecutionPage, query=query, seconds=STUCK_SECONDS * stuck)


def steps(project_id: str, workflow_id: str, limit: int, cursor: str | None) -> Call[StepPage]:
    """List steps of the latest run of that workflow id, in the order in which they began."""
    path = _project(project_id, "executions", workflow_id, "steps")
    return Call("GET", path, StepPage, query={"limit": limit, "cursor": cursor}, seconds=HISTORY_SECONDS)


def step(project_id: str, workflow_id: str, step_id: str) -> Call[StepInfo]:
    """Show one step of the latest run of that workflow id, with its values whole."""
    return Call(
        "GET", _project(project_id, "executions", workflow_id, "steps", step_id), StepInfo, seconds=HISTORY_SECONDS
    )


def history(project_id: str, workflow_id: str, limit: int, cursor: str | None) -> Call[HistoryPage]:
    """List events of the latest run of that workflow id as Temporal's own JSON, the first one first."""
    path = _project(project_id, "executions", workflow_id, "history")
    return Call("GET", path, HistoryPage, query={"limit": limit, "cursor": cursor}, seconds=HISTORY_SECONDS)


def execution_counts(project_id: str, group_by: str | None, filters: Filters) -> Call[ExecutionCounts]:
    """Count executions, also in groups."""
    query = {**as_query(filters), "groupBy": group_by}
    return Call("GET", _project(project_id, "execution-counts"), ExecutionCounts, query=query)


def query(project_id: str, workflow_id: str, name: str, args: Sequence[Any]) -> Call[QueryResult]:
    """Have a run answer a query."""
    path = _project(project_id, "executions", workflow_id, "query")
    return Call("POST", path, QueryResult, {"name": name, "args": list(args)})


def update(  # noqa: PLR0913, PLR0917  all of it says what is asked
    project_id: str, workflow_id: str, name: str, args: Sequence[Any], update_id: str | None, timeout: float
) -> Call[UpdateResult]:
    """Have a run take an update, and wait for its end."""
    path = _project(project_id, "executions", workflow_id, "update")
    body = {"name": name, "args": list(args), "updateId": update_id}
    return Call("POST", path, UpdateResult, body, {"timeout": timeout}, seconds=timeout)


def signal(project_id: str, workflow_id: str, name: str, args: Sequence[Any]) -> Call[CommandResult]:
    """Send a signal to an execution."""
    path = _project(project_id, "executions", workflow_id, "signal")
    return Call("POST", path, CommandResult, {"name": name, "args": list(args)})


def end(how: str, project_id: str, workflow_id: str, reason: str | None) -> Call[CommandResult]:
    """Have an execution `cancel` or `terminate`."""
    return Call("POST", _project(project_id, "executions", workflow_id, how), CommandResult, {"reason": reason})


def deployment(project_id: str) -> Call[DeploymentInfo]:
    """Ask for a project's builds."""
    return Call("GET", _project(project_id, "deployment"), DeploymentInfo)


def promote(project_id: str) -> Call[BuildChangeResult]:
    """Have all new runs take the build that some take already."""
    return Call("POST", _project(project_id, "deployment", "promote"), BuildChangeResult, seconds=START_SECONDS)


def roll_back(project_id: str, build: str | None, version: str | None, workflow: str | None) -> Call[BuildChangeResult]:
    """Make an earlier build current again."""
    body = {"build": build, "version": version, "workflow": workflow}
    path = _project(project_id, "deployment", "rollback")
    return Call("POST", path, BuildChangeResult, body, seconds=CHECK_SECONDS + START_SECONDS)


def move(project_id: str, workflow_id: str, build: str) -> Call[MoveResult]:
    """Have one execution go on with another build."""
    path = _project(project_id, "executions", workflow_id, "move")
    return Call("POST", path, MoveResult, {"build": build}, seconds=START_SECONDS)


def move_all(project_id: str, from_build: str, to_build: str, timeout: float) -> Call[BuildMoveInfo]:
    """Have all open executions of a build go on with another, and wait so many seconds for it."""
    body = {"from": from_build, "to": to_build}
    path = _project(project_id, "deployment", "move")
    return Call("POST", path, BuildMoveInfo, body, {"timeout": timeout}, seconds=timeout)


def build_move(project_id: str, move_id: str) -> Call[BuildMoveInfo]:
    """Ask how far a move is."""
    return Call("GET", _project(project_id, "deployment", "moves", move_id), BuildMoveInfo)


def _publish(
    path: str, body: Mapping[str, Any], smoke: Smoke | None, ramp: float | Ramp | None, *, dry_run: bool
) -> Call[PublishResult]:
    more = {"smoke": smoke and _smoke(smoke), "ramp": _ramp(ramp) if isinstance(ramp, Ramp) else ramp}
    seconds = CHECK_SECONDS + START_SECONDS + (smoke.timeout if smoke else 0)
    return Call("PUT", path, PublishResult, {**body, **more}, {"dryRun": "true" if dry_run else None}, seconds)


def _smoke(smoke: Smoke) -> dict[str, Any]:
    return {"workflowType": smoke.workflow_type, "args": list(smoke.args), "timeoutSeconds": smoke.timeout}


def _ramp(ramp: Ramp) -> dict[str, Any]:
    return {
        "percent": ramp.percent,
        "failureThreshold": ramp.failure_threshold,
        "minimumRuns": ramp.minimum_runs,
    }


def _source(code: WorkflowCode) -> dict[str, Any]:
    return {"workflowCode": code.workflow_code, "activitiesCode": code.activities_code}


def _project(project_id: str, *more: str) -> str:
    return _path("projects", project_id, *more)


def _path(*parts: str) -> str:
    """Return the path of these parts, whatever characters they hold: an id must not name another call."""
    if not all(parts):
        raise InvalidRequestError("an id or a name is empty")
    return "".join(f"/{quote(part, safe='') if part.strip('.') else part.replace('.', '%2E')}" for part in parts)
