"""Failures that repeat: the first at once, then a count, and their end once."""

import logging

import pytest

from workerhost.service_log.repeated_failures import QUIET_SECONDS, RepeatedFailures

log = logging.getLogger("tests.failures")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def failures(clock: Clock, caplog: pytest.LogCaptureFixture) -> RepeatedFailures:
    caplog.set_level(logging.INFO, log.name)
    return RepeatedFailures(log, 3, clock)


def test_the_first_is_said_at_once_the_others_are_counted_and_the_return_is_said_once(
    failures: RepeatedFailures, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    failures.over("database", "it answers again")
    for _ in range(301):  # five minutes, one a second
        failures.note("database", "it does not answer", port=5432)
        clock.now += 1
    failures.over("database", "it answers again", port=5432)
    failures.over("database", "it answers again", port=5432)
    assert caplog.messages == [
        "it does not answer",
        "it does not answer (60 times since it was said)",
        "it does not answer (120 times since it was said)",
        "it answers again, after 301 s and 301 failures",
    ]
    first, _, second, over = (vars(each) for each in caplog.records)
    assert (first["port"], "failures" in first) == (5432, False)
    assert (second["repeated"], second["failures"], second["seconds"]) == (120, 181, 180)
    assert (over["failures"], over["seconds"]) == (301, 301)


def test_other_sentences_about_the_same_are_said_but_not_without_end(
    failures: RepeatedFailures, caplog: pytest.LogCaptureFixture
) -> None:
    for number in (*range(10), *range(10)):
        failures.note("network", f"{number} is refused")
    assert caplog.messages == ["0 is refused", "1 is refused", "2 is refused"]


def test_what_is_quiet_for_long_is_said_anew_when_it_comes_back(
    failures: RepeatedFailures, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        failures.note("network", "it is refused")
        failures.note("network", "it is refused")
        clock.now += 2 * QUIET_SECONDS
    assert caplog.messages == ["it is refused", "it is refused"]


def test_things_fail_apart_from_each_other_and_a_traceback_comes_once(
    failures: RepeatedFailures, caplog: pytest.LogCaptureFixture
) -> None:
    for key in ("a", "b", "a"):
        failures.note(key, "it failed", error=ValueError("no"))
    failures.forget("a")
    failures.over("a", "it goes on")
    failures.over("b", "it goes on")
    assert caplog.messages == ["it failed", "it failed", "it goes on, after 0 s and 1 failure"]
    assert [each.exc_info is not None for each in caplog.records] == [True, True, False]
