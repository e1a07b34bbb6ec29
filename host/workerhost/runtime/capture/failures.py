"""What a host says in a project's log of code that fails: attempts of activities, workflow tasks, runs."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import temporalio.activity
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError, FailureError

from workerhost.code.capture.origin import Origin
from workerhost.code.capture.said import Sink
from workerhost.code.capture.traces import MOST_CAUSES, MOST_LINES, error_text, project_lines, trace_of
from workerhost.runtime.capture.project_log import ProjectLog, said_by_host


def say_attempt_failed(sink: Sink, origin: Origin, info: temporalio.activity.Info, error: BaseException) -> None:
    """Say that an attempt of an activity has failed, and whether there will be another one.

    Args:
        sink: takes the lines of the project.
        origin: of the attempt.
        info: of the activity.
        error: that it has failed with.
    """
    if isinstance(error, (asyncio.CancelledError, CancelledError)):
        return
    is_benign = isinstance(error, ApplicationError) and error.category == ApplicationErrorCategory.BENIGN
    is_retried = _is_retried(info, error)
    level = logging.DEBUG if is_benign else logging.WARNING if is_retried else logging.ERROR
    then = "and is tried again" if is_retried else "and is not tried again"
    message = f"attempt {info.attempt} of {info.activity_type} failed, {then}: {_said_by(error)}"
    sink(said_by_host(level, message, origin, _with_trace(_trace_of(error), retried=is_retried)))


def say_attempt_timed_out(log: ProjectLog, origin: Origin, info: temporalio.activity.Info, seconds: float) -> None:
    """Say that an attempt of an activity took longer than it may.

    Args:
        log: of the project.
        origin: of the attempt.
        info: of the activity.
        seconds: that it took.
    """
    longest = info.start_to_close_timeout
    message = f"attempt {info.attempt} of {info.activity_type} took {seconds:.1f} s"
    if longest is not None and seconds >= longest.total_seconds():
        message += f", longer than its timeout of {longest.total_seconds():g} s, after which Temporal takes no result"
    else:
        message += ", and Temporal had given it up by then, as timed out"
    log.say(logging.WARNING, message, origin)


def say_failure(log: ProjectLog, origin: Origin, what: str, failure: Failure) -> None:
    """Say that something of a run has failed, with an error as the SDK sends it.

    Args:
        log: of the project.
        origin: of the run.
        what: has failed, as the beginning of a sentence.
        failure: why.
    """
    log.say(logging.ERROR, f"{what}: {text_of(failure)}", origin, _with_trace(_lines_of(failure)))


def text_of(failure: Failure) -> str:
    """Return the types and messages of a failure and its causes, outermost first, each once."""
    texts: list[str] = []
    for _ in range(MOST_CAUSES):
        kind = failure.application_failure_info.type
        text = f"{kind}: {failure.message}" if kind and failure.message else kind or failure.message
        if text and text not in texts:
            texts.append(text)
        if not failure.HasField("cause"):
            break
        failure = failure.cause
    return ": ".join(texts) or "no reason given"


def _said_by(error: BaseException) -> str:
    if isinstance(error, FailureError) and error.failure is not None:  # of a process, which has converted it
        return text_of(error.failure)
    if isinstance(error, ApplicationError):
        return f"{error.type or type(error).__name__}: {error.message}".removesuffix(": ")
    return error_text(error)


def _trace_of(error: BaseException) -> list[str]:
    if isinstance(error, FailureError) and error.failure is not None:
        return _lines_of(error.failure)
    return trace_of(error)


def _lines_of(failure: Failure) -> list[str]:
    lines: list[str] = []
    for _ in range(MOST_CAUSES):
        lines += project_lines(failure.stack_trace)[-MOST_LINES:]
        if not failure.HasField("cause"):
            break
        failure = failure.cause
    return lines


def _with_trace(trace: list[str], **fields: Any) -> dict[str, Any]:
    return {**fields, "trace": trace} if trace else fields


def _is_retried(info: temporalio.activity.Info, error: BaseException) -> bool:
    """Tell whether Temporal tries again, as far as the policy says."""
    if isinstance(error, ApplicationError) and error.non_retryable:
        return False
    policy, limit = info.retry_policy, info.schedule_to_close_timeout
    if limit is not None and datetime.now(UTC) - info.scheduled_time >= limit:
        return False
    if policy is None:
        return True
    kind = (error.type if isinstance(error, ApplicationError) else None) or type(error).__name__
    if kind in (policy.non_retryable_error_types or ()):
        return False
    return not 0 < policy.maximum_attempts <= info.attempt
