"""Answers about the steps of a run, and about its history."""

from typing import Any

from workerhost.answers.base import Answer, OrText, Time
from workerhost.answers.executions import FailureInfo
from workerhost.words import RunId, StepKind, StepStatus, WorkflowId


class StepInfo(Answer):
    """One step of a run: an activity, a timer, a child workflow, a signal or an update."""

    id: str
    """Names the step within its run; grows in the order in which steps began."""
    kind: OrText[StepKind]
    name: str
    """Of the activity, the workflow type, the signal or the update; `timer` for timers."""
    label: str | None = None
    """What the code says that it is."""
    node: str | None = None
    """The node of the drawing, where the code says so."""
    status: OrText[StepStatus]
    attempt: int
    """How often it was tried, a try that is under way included."""
    input: tuple[Any, ...]
    """Its arguments; the milliseconds of a timer. A long value is cut in lists."""
    result: Any = None
    """What it returned. A long value is cut in lists."""
    failure: FailureInfo | None = None
    """Why its last try failed, or the one before where it has completed."""
    scheduled_at: Time
    started_at: Time | None = None
    """When its last try began."""
    closed_at: Time | None = None
    """When it ended."""
    next_attempt_at: Time | None = None
    """When it is tried again."""
    workflow_id: WorkflowId | None = None
    """Of the child workflow, or of the execution that a signal was sent to."""
    run_id: RunId | None = None
    """Of the child workflow, once it has begun."""


class StepPage(Answer):
    """Some steps of a run, in the order in which they began, and where the next page begins."""

    steps: tuple[StepInfo, ...]
    cursor: str | None = None
    """None on the last page."""


class NodeInfo(Answer):
    """A node of the drawing that a run came to."""

    node: str
    """Its id in the drawing."""
    label: str | None = None
    """What the user calls it."""
    type: str | None = None
    """What kind of node it is, in the words of the format."""
    status: OrText[StepStatus]
    """Of its last step; `completed` for a node that is no step."""
    attempts: int
    """How often its last step was tried."""
    times: int
    """How often the run came to it."""
    scheduled_at: Time | None = None
    """When its last step was to begin; for a node that is no step, when the run came to it."""
    started_at: Time | None = None
    """When the last try of that step began."""
    closed_at: Time | None = None
    """When that step ended."""
    input: tuple[Any, ...] | None = None
    """The arguments of that step. A long value is cut."""
    result: Any = None
    """What it returned. A long value is cut."""
    failure: FailureInfo | None = None
    """Why its last try failed."""
    steps: tuple[str, ...]
    """The ids of its steps, in the order in which they began."""


class NodeList(Answer):
    """The nodes that a run came to, in the order in which it came to them first."""

    nodes: tuple[NodeInfo, ...]
    complete: bool
    """False where nodes that are no steps are missing, as no worker answers, or steps, as there are too many."""


class HistoryPage(Answer):
    """Some events of a run as Temporal's own JSON, the first one first, and where the next page begins."""

    events: tuple[dict[str, Any], ...]
    cursor: str | None = None
    """None on the last page."""
