"""One step of a run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from workerhost.runtime.executions.history.failure import Failure
from workerhost.runtime.executions.history.values import shortened
from workerhost.words import RunId, StepKind, StepStatus, WorkflowId

_NODE, _NODE_END = "[node: ", "]"
"""Around the node of a drawing that a summary names at its end: `Send the mail [node: send-1]`."""


@dataclass(frozen=True)
class Step:
    """One step of a run, as its history and what is pending say."""

    id: str
    """The number of the event in the history with which it began: stays, and grows along the history."""
    kind: StepKind
    name: str
    """Of the activity, the workflow type, the signal or the update; `timer` for timers."""
    status: StepStatus
    scheduled_at: datetime
    attempt: int = 1
    """How often it was tried, a try that is under way included."""
    summary: str | None = None
    """What the code says that it is."""
    own_id: str | None = None
    """The id that the code gave it, where it gave one."""
    input: Sequence[Any] = ()
    result: Any = None
    failure: Failure | None = None
    """Of the last try, where that failed."""
    started_at: datetime | None = None
    closed_at: datetime | None = None
    next_attempt_at: datetime | None = None
    workflow_id: WorkflowId | None = None
    """Of the child, or of the execution that a signal is sent to."""
    run_id: RunId | None = None
    """Of the child, once it has begun."""

    @property
    def label(self) -> str | None:
        """What the step is, in the words of the code's author."""
        return _split(self.summary)[0]

    @property
    def node(self) -> str | None:
        """The node of the drawing that the code was made of, where the code says so."""
        return node_of(self.summary) or self.own_id


def node_of(summary: str | None) -> str | None:
    """Return the node that a summary names; None where it names none."""
    return _split(summary)[1]


def _split(summary: str | None) -> tuple[str | None, str | None]:
    """Return the label in a summary, and the node.

    A node may have any id. So what compilers write, the node alone, is read to its end, brackets in it included.
    """
    text = summary or ""
    begin = 0 if text.startswith(_NODE) else text.rfind(_NODE)
    node = text[begin + len(_NODE) : -len(_NODE_END)] if begin >= 0 and text.endswith(_NODE_END) else ""
    if not node:
        return text or None, None
    return text[:begin].rstrip() or None, node


def shortened_step(step: Step) -> Step:
    """Return the step with what is shown in the place of its long values."""
    return replace(step, input=[shortened(each) for each in step.input], result=shortened(step.result))
