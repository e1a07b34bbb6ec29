"""Answers about executions."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import BuildId, ExecutionStatus, RunId, StuckCode, WorkflowId


class ExecuteResult(Answer):
    """The ids of an execution that was begun."""

    workflow_id: WorkflowId
    run_id: RunId


class StuckInfo(Answer):
    """Why an execution that runs does not go on."""

    since: Time
    """When the task that keeps it began to wait, or to fail."""
    reason: str
    """A sentence for people."""
    code: OrText[StuckCode]
    attempts: int
    """How often that task was tried, a try that is under way included."""


class ExecutionInfo(Answer):
    """One run of a workflow."""

    workflow_id: WorkflowId
    run_id: RunId
    workflow_type: str
    status: OrText[ExecutionStatus]
    started_at: Time
    closed_at: Time | None = None
    build_id: BuildId | None = None
    """The build that it runs on; None before its first task."""
    result: Any = None
    """What it returned, where it completed; None in lists."""
    error: str | None = None
    """Why it ended otherwise."""
    stuck: StuckInfo | None = None
    """Why it does not go on, where it should; None in lists."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of that workflow id.

        One that continued as new has a run that goes on. A status that is not known here counts as an end.
        """
        return self.status not in (ExecutionStatus.RUNNING, ExecutionStatus.CONTINUED_AS_NEW)


class ExecutionPage(Answer):
    """Some executions, newest first, and where the next page begins."""

    executions: tuple[ExecutionInfo, ...]
    cursor: str | None = None
    """None on the last page."""
