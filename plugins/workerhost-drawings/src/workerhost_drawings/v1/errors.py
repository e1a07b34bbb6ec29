"""Errors of Open Workflow: objects of RFC 7807 that Temporal carries as application errors.

Such an error's `type` is the URI of its type, and its one detail is the object.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    TerminatedError,
)
from temporalio.exceptions import TimeoutError as TemporalTimeoutError

from workerhost_drawings.v1.durations import LONGEST, duration

TYPES = "https://open-workflow-specification.org/dsl/errors/types/"
"""What the URIs of the specification's own types begin with."""
ALSO = "https://open-workflow-specification.org/spec/1.0.0/errors/"
"""What the specification's text writes in its place; a filter with either finds the errors of both."""

STATUS = {
    "configuration": 400,
    "validation": 400,
    "expression": 400,
    "authentication": 401,
    "authorization": 403,
    "timeout": 408,
    "communication": 500,
    "runtime": 500,
}
"""The specification's own types of errors, and the status of each."""

_FIELDS = ("type", "status", "title", "detail", "instance")


def standard(kind: str, detail: str, instance: str | None = None, *, status: int | None = None) -> dict[str, Any]:
    """Return an error of one of the specification's own types, as an object.

    Args:
        kind: one of `STATUS`.
        detail: what went wrong, as a sentence.
        instance: the JSON pointer of the task that it is of.
        status: where it is not the one that the type has as a rule.
    """
    made = {"type": TYPES + kind, "status": status or STATUS[kind], "title": f"{kind.capitalize()} error"}
    return {**made, "detail": detail, **({"instance": instance} if instance else {})}


def make(error: object) -> ApplicationError:
    """Return what is to be raised for an error that is an object; Temporal tries nothing again for it.

    Args:
        error: has `type` and `status`, and perhaps `title`, `detail` and `instance`.
    """
    fields = (
        {name: error[name] for name in _FIELDS if error.get(name) is not None} if isinstance(error, Mapping) else {}
    )
    if not isinstance(fields.get("type"), str) or not isinstance(fields.get("status"), int):
        reason = f"an error needs a type, a text, and a status, a number; this one is {error!r:.300}"
        fields = standard("runtime", reason, _text(fields.get("instance")))
    said = [str(fields[name]) for name in ("title", "detail") if name in fields] or [fields["type"]]
    return ApplicationError(": ".join(said), fields, type=fields["type"], non_retryable=True)


def as_object(error: BaseException, instance: str | None = None) -> dict[str, Any]:
    """Return any failure as the object that a handler gets.

    Args:
        error: what was raised; of a failed activity or child, what its cause says.
        instance: the JSON pointer of the task that failed, for errors that do not say it themselves.
    """
    said = _own(error)
    if said is None:
        said = _of_another_kind(error)
    return said if said.get("instance") or not instance else {**said, "instance": instance}


class EndlessError(ApplicationError):
    """A run goes on and on without waiting for anything; it fails, and no `try` of it catches that.

    Args:
        node: that it has come to.
        passed: how many nodes it has passed meanwhile.
    """

    def __init__(self, node: str, passed: int) -> None:
        reason = (
            f"the run has passed {passed} nodes without waiting for anything, and stands at {node}; a loop so long "
            "needs a step that waits, as an activity or a timer"
        )
        super().__init__(reason, type="Endless", non_retryable=True)


def is_caught(error: BaseException) -> bool:
    """Tell whether a `try` may catch that: a cancellation of the run goes through all of them, and so does its end."""
    return not isinstance(error, CancelledError | TerminatedError | EndlessError) and not (
        isinstance(error, ActivityError | ChildWorkflowError) and isinstance(error.cause, CancelledError)
    )


def matches(error: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether an error, as an object, has all of the wanted values."""
    return all(_same(name, error.get(name), value) for name, value in wanted.items())


def retry_delay(
    failures: int, delay: object = 0, backoff: str = "constant", jitter_from: int = 0, jitter_to: int = 0
) -> timedelta:
    """Return how long to wait before a body is run again.

    Args:
        failures: how often it has failed, 1 or more.
        delay: before the second try, milliseconds or ISO 8601.
        backoff: `constant`; `linear`, which adds the delay each time; or `exponential`, which doubles it.
        jitter_from: milliseconds that are added at least; how many are drawn from the run's own random numbers.
        jitter_to: milliseconds that are added at most.
    """
    factor: int = {"constant": 1, "linear": failures, "exponential": 2 ** min(failures - 1, 64)}[backoff]
    try:
        waited = duration(delay) * factor
    except OverflowError:
        return LONGEST
    if jitter_to > 0:
        waited += timedelta(milliseconds=workflow.random().randint(min(jitter_from, jitter_to), jitter_to))
    return min(waited, LONGEST)


def _own(error: BaseException) -> dict[str, Any] | None:
    """Return the object that an error of Open Workflow carries, also through an activity or a child."""
    for each in _chain(error):
        if isinstance(each, ApplicationError) and each.details and isinstance(each.details[0], dict):
            found = each.details[0]
            if isinstance(found.get("type"), str) and isinstance(found.get("status"), int):
                return dict(found)
    return None


def _of_another_kind(error: BaseException) -> dict[str, Any]:
    last = _chain(error)[-1]
    if isinstance(last, TemporalTimeoutError | TimeoutError):
        return standard("timeout", str(last) or "it took too long")
    said = standard("runtime", last.message if isinstance(last, ApplicationError) else str(last))
    kind = last.type if isinstance(last, ApplicationError) else type(last).__name__
    return {**said, "title": kind} if kind else said


def _chain(error: BaseException) -> list[BaseException]:
    found = [error]
    while isinstance(found[-1], ActivityError | ChildWorkflowError) and found[-1].cause and len(found) < 20:
        found.append(found[-1].cause)
    return found


def _same(name: str, value: object, wanted: object) -> bool:
    if name == "type" and isinstance(value, str) and isinstance(wanted, str):
        return _plain_type(value) == _plain_type(wanted)
    return value == wanted


def _plain_type(uri: str) -> str:
    return TYPES + uri.removeprefix(ALSO) if uri.startswith(ALSO) else uri


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
