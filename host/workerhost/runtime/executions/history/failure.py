"""Failures as data: what went wrong, where, and what caused it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from temporalio import exceptions
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from workerhost.code.capture.traces import project_lines
from workerhost.code.cutting import cut
from workerhost.runtime.executions.failures import LONGEST, message_of
from workerhost.runtime.executions.history.values import as_json, shortened

_TYPES: dict[type[FailureError], str] = {
    ActivityError: "ActivityFailed",
    exceptions.ChildWorkflowError: "ChildWorkflowFailed",
    exceptions.TimeoutError: "Timeout",
    exceptions.CancelledError: "Canceled",
    exceptions.TerminatedError: "Terminated",
}
"""What failures are called that are no exceptions of the project's code."""

MOST_CAUSES = 20
"""Failures of one chain that are shown."""

MOST_DETAILS = 20
"""Values of one failure's details that are shown."""


@dataclass(frozen=True)
class FailedTry:
    """A try of an activity that failed, or a child workflow."""

    step: str | None
    """The id of the step."""
    attempt: int | None
    """Which try it was: 1 for the first. None for a child workflow."""
    node: str | None = None
    """The node of the drawing, where the step names one."""


@dataclass(frozen=True)
class Failure:
    """Why something did not complete."""

    message: str
    type: str
    """What its kind is called: the type of the project's exception, or `Timeout`, `Canceled`, `Terminated`."""
    non_retryable: bool
    """Whether it is final, whatever retry policy there is."""
    step: str | None = None
    """The id of the step that failed, where it is one of the same run."""
    activity: str | None = None
    """The name of the activity that failed."""
    node: str | None = None
    """The node of the drawing whose step failed, where that is known."""
    attempt: int | None = None
    """Which try it was that failed, where that is known."""
    stack_trace: str | None = None
    """Lines of the project's own code, the outermost first."""
    details: Sequence[Any] = ()
    """What the project's code gave along; long values are cut."""
    cause: "Failure | None" = None


def failure_of_run(
    error: BaseException, depth: int = 0, *, is_own: bool = True, tried: FailedTry | None = None
) -> Failure:
    """Return what a failure that Temporal has kept says.

    Args:
        error: what it was decoded to.
        depth: how many others it is the cause of.
        is_own: whether it arose in the run itself, and not in a child, whose steps are others.
        tried: the last try of the activity of the run that failed, or its child, where that is known.
    """
    is_activity = isinstance(error, ActivityError) and is_own
    is_step = is_activity or (isinstance(error, exceptions.ChildWorkflowError) and is_own)
    trace = error.failure.stack_trace if isinstance(error, FailureError) and error.failure else ""
    return Failure(
        message=cut(message_of(error), LONGEST),
        type=_type(error),
        non_retryable=isinstance(error, ApplicationError) and error.non_retryable,
        step=(tried.step if tried else step_of(error)) if is_activity else None,
        activity=error.activity_type if isinstance(error, ActivityError) else None,
        node=tried.node if tried and is_step else None,
        attempt=tried.attempt if tried and is_activity else None,
        stack_trace="\n".join(project_lines(trace)) or None,
        details=_details(error),
        cause=_cause(error, depth, is_own=is_own, tried=None if is_step else tried),
    )


def step_of(error: BaseException) -> str | None:
    """Return the id of the step that failed with the error; None where it names none, as one of a local activity."""
    number = error.scheduled_event_id if isinstance(error, ActivityError) else 0
    return str(number) if number else None


def _cause(error: BaseException, depth: int, *, is_own: bool, tried: FailedTry | None) -> Failure | None:
    if error.__cause__ is None or depth >= MOST_CAUSES:
        return None
    is_own = is_own and not isinstance(error, exceptions.ChildWorkflowError)
    return failure_of_run(error.__cause__, depth + 1, is_own=is_own, tried=tried)


def _details(error: BaseException) -> list[Any]:
    if not isinstance(error, ApplicationError):
        return []
    try:
        return [shortened(as_json(each)) for each in error.details[:MOST_DETAILS]]
    except Exception:  # values of another encoding, which cannot be read here
        return []


def _type(error: BaseException) -> str:
    if isinstance(error, ApplicationError):
        return error.type or "Error"
    return next((name for kind, name in _TYPES.items() if isinstance(error, kind)), type(error).__name__)
