"""One execution of a workflow, as Temporal describes it and as callers see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temporalio.client import WorkflowExecution
from temporalio.common import SearchAttributeKey

from workerhost.runtime.builds.runner import MARKER
from workerhost.runtime.executions.details import Details
from workerhost.runtime.executions.history.failure import Failure
from workerhost.runtime.executions.history.values import as_json
from workerhost.words import BuildId, ExecutionStatus, RunId, StuckCode, WorkflowId

CHANGE_VERSION = SearchAttributeKey.for_keyword_list("TemporalChangeVersion")


@dataclass(frozen=True)
class Stuck:
    """Why a running execution does not go on."""

    since: datetime
    """When the task that keeps it began to wait, or to fail."""
    reason: str
    """A sentence for people."""
    code: StuckCode
    attempts: int
    """How often that task was tried, a try that is under way included."""
    failure: Failure | None = None
    """What it failed with last, where it fails."""


@dataclass(frozen=True)
class Execution:
    """One run of a workflow, as Temporal describes it."""

    workflow_id: WorkflowId
    run_id: RunId
    workflow_type: str
    status: ExecutionStatus
    started_at: datetime
    closed_at: datetime | None
    result: Any = None
    error: str | None = None
    build_id: BuildId | None = None
    """Id of the build that its history names; None before its first task."""
    failure: Failure | None = None
    """Why it ended otherwise, or what fails again and again where it does not go on, in all that is known."""
    details: Details | None = None
    """More of it, where that was looked at."""
    stuck: Stuck | None = None
    """Why it does not go on, where it should and that was looked at."""


def execution_of(
    described: WorkflowExecution, *, result: Any = None, error: str | None = None, failure: Failure | None = None
) -> Execution:
    """Return the execution that Temporal describes, with its outcome where that is known."""
    return Execution(
        workflow_id=WorkflowId(described.id),
        run_id=RunId(described.run_id),
        workflow_type=described.workflow_type,
        status=status_of(described),
        started_at=described.start_time,
        closed_at=described.close_time,
        result=as_json(result),
        error=error,
        failure=failure,
        build_id=build_of(described),
    )


def status_of(described: WorkflowExecution) -> ExecutionStatus:
    """Return Temporal's name of the status."""
    return ExecutionStatus[described.status.name] if described.status else ExecutionStatus.RUNNING


def build_of(described: WorkflowExecution) -> BuildId | None:
    """Return the id of the build that the history names, which the server lists among its search attributes."""
    versions = described.typed_search_attributes.get(CHANGE_VERSION) or ()
    return next((BuildId(version.removeprefix(MARKER)) for version in versions if version.startswith(MARKER)), None)
