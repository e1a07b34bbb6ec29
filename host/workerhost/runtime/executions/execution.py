"""One execution of a workflow, as Temporal describes it and as callers see it."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pydantic_core
from temporalio.client import WorkflowExecution
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import FailureError

from workerhost.runtime.builds.runner import MARKER
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
    stuck: Stuck | None = None
    """Why it does not go on, where it should and that was looked at."""


def execution_of(described: WorkflowExecution, *, result: Any = None, error: str | None = None) -> Execution:
    """Return the execution that Temporal describes, with its outcome where that is known."""
    return Execution(
        workflow_id=WorkflowId(described.id),
        run_id=RunId(described.run_id),
        workflow_type=described.workflow_type,
        status=status_of(described),
        started_at=described.start_time,
        closed_at=described.close_time,
        result=_shown(result),
        error=error,
        build_id=build_of(described),
    )


def _shown(result: Any) -> Any:
    """Return a result as JSON can hold it: bytes as base64, and null for numbers that JSON has no word for."""
    if isinstance(result, bytes):
        return base64.b64encode(result).decode()
    return json.loads(pydantic_core.to_json(result, inf_nan_mode="null"))


def status_of(described: WorkflowExecution) -> ExecutionStatus:
    """Return Temporal's name of the status."""
    return ExecutionStatus[described.status.name] if described.status else ExecutionStatus.RUNNING


def failure_sentence(error: BaseException | None) -> str:
    """Return the messages of a failure and what caused it, outermost first, each once."""
    messages: list[str] = []
    while error is not None:
        message = error.message if isinstance(error, FailureError) else str(error)
        if message and message not in messages:
            messages.append(message)
        error = error.__cause__
    return ": ".join(messages) or "the execution did not complete"


def build_of(described: WorkflowExecution) -> BuildId | None:
    """Return the id of the build that the history names, which the server lists among its search attributes."""
    versions = described.typed_search_attributes.get(CHANGE_VERSION) or ()
    return next((BuildId(version.removeprefix(MARKER)) for version in versions if version.startswith(MARKER)), None)
