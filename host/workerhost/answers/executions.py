"""Answers about executions."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.words import BuildId, ExecutionStatus, RunId, StuckCode, WorkflowId


class ExecuteResult(Answer):
    """The ids of an execution that was begun."""

    workflow_id: WorkflowId
    run_id: RunId


class FailureInfo(Answer):
    """Why something did not complete."""

    message: str
    """A sentence for people."""
    type: str
    """The type of the exception, or `Timeout`, `Canceled`, `Terminated`, `ActivityFailed` and the like."""
    non_retryable: bool
    """Whether it is final, whatever the retry policy says."""
    step: str | None = None
    """The id of the step of the run that failed."""
    node: str | None = None
    """The node of the drawing whose step failed."""
    activity: str | None = None
    """The name of the activity that failed."""
    attempt: int | None = None
    """Which try of it failed, 1 for the first; or of the workflow task, where that fails."""
    stack_trace: str | None = None
    """Lines of the project's own code, the outermost call first."""
    details: tuple[Any, ...] | None = None
    """What the project's code gave along with its error; long values are cut."""
    cause: "FailureInfo | None" = None
    """What it was caused by."""


class ParentInfo(Answer):
    """The run that began an execution."""

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
    """Why it does not go on, where it should; in lists only in those of executions that do not go on."""
    input: tuple[Any, ...] | None = None
    """Its arguments; a long one is cut, and says so. None in lists, as all that follows."""
    memo: dict[str, Any] | None = None
    """What was noted with its start."""
    search_attributes: dict[str, Any] | None = None
    """What it can be found by."""
    history_length: int | None = None
    """How many events its history has."""
    parent: ParentInfo | None = None
    """The run that began it, if one did."""
    failure: FailureInfo | None = None
    """Why it ended otherwise, or what fails again and again where it does not go on, in all that is known."""

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


class GroupCountInfo(Answer):
    """How many executions have the same status, workflow type or build."""

    value: str | None
    """What they have; None for all that have another one, or none yet."""
    count: int


class ExecutionCounts(Answer):
    """How many executions there are, and how many of each group, the largest first."""

    count: int
    groups: tuple[GroupCountInfo, ...]


class QueryResult(Answer):
    """What a run has answered to a query."""

    result: Any


class UpdateResult(Answer):
    """How far an update has come."""

    update_id: str
    status: str
    """`accepted` or `completed`."""
    result: Any = None
    """What it returned, where it has completed."""


class StartResult(ExecuteResult):
    """The ids of an execution that was begun, or that runs and was sent something."""

    update: UpdateResult | None = None
    """How far the update has come that came with the start."""
