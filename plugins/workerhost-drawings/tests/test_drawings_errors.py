"""Errors of Open Workflow, and the delays of retries."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState, TimeoutType
from temporalio.exceptions import TimeoutError as LateError

from workerhost_drawings.v1 import errors
from workerhost_drawings.v1.durations import duration

BROKEN = {"type": "about:blank", "status": 500, "title": "Broken"}


def failed_activity(cause: BaseException) -> ActivityError:
    error = ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="a",
        activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    error.__cause__ = cause
    return error


def test_an_error_carries_its_object() -> None:
    made = errors.make({**BROKEN, "detail": "x", "other": 1})
    assert (made.type, made.message, made.non_retryable) == ("about:blank", "Broken: x", True)
    assert made.details == ({**BROKEN, "detail": "x"},)


@pytest.mark.parametrize("wrong", [None, "text", {}, {"type": 1, "status": 1}, {"type": "a", "status": "b"}])
def test_what_is_no_error_becomes_one_that_says_so(wrong: Any) -> None:
    assert "an error needs a type" in str(errors.make(wrong))


def test_any_failure_is_an_object_to_its_handler() -> None:
    assert errors.as_object(errors.make(BROKEN), "/do/0/a") == {**BROKEN, "instance": "/do/0/a"}
    assert errors.as_object(failed_activity(errors.make({**BROKEN, "instance": "/x"})), "/y")["instance"] == "/x"
    other = errors.as_object(failed_activity(ApplicationError("no mail", type="SMTPError")), "/do/0/a")
    assert (other["type"], other["title"], other["detail"]) == (errors.TYPES + "runtime", "SMTPError", "no mail")
    late = LateError("late", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[])
    assert errors.as_object(failed_activity(late))["status"] == 408


def test_a_cancellation_is_not_caught() -> None:
    assert not errors.is_caught(CancelledError("stop"))
    assert not errors.is_caught(failed_activity(CancelledError("stop")))
    assert errors.is_caught(errors.make(BROKEN))


def test_a_filter_finds_the_types_of_the_specification_under_both_their_names() -> None:
    error = errors.standard("communication", "x", status=404)
    assert errors.matches(error, {"type": errors.TYPES + "communication", "status": 404})
    assert errors.matches(error, {"type": errors.ALSO + "communication"})
    assert not errors.matches(error, {"type": errors.ALSO + "timeout"})
    assert not errors.matches(error, {"status": 503})
    assert errors.matches(error, {})


@pytest.mark.parametrize(
    ("backoff", "failures", "seconds"),
    [("constant", 3, 2), ("linear", 3, 6), ("exponential", 1, 2), ("exponential", 4, 16)],
)
def test_delays_grow_as_the_policy_says(backoff: str, failures: int, seconds: int) -> None:
    assert errors.retry_delay(failures, 2000, backoff) == timedelta(seconds=seconds)
    assert errors.retry_delay(failures, "PT2S", backoff) == timedelta(seconds=seconds)


def test_delays_have_an_end() -> None:
    assert errors.retry_delay(10_000, 86_400_000, "exponential") == timedelta(days=3660)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1M30S", 90), ("P1DT1H", 90_000), ("P2W", 1_209_600), ("PT0.5S", 0.5), (1500, 1.5), ("PT0S", 0)],
)
def test_durations_are_read(text: Any, seconds: float) -> None:
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    "wrong",
    ["", "P", "PT", "1s", "P1Y", "P1M", "-PT1S", -1, None, True, float("nan"), 1e300, "P99999999999D", "PT1S" * 99],
)
def test_what_is_no_duration_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        duration(wrong)
