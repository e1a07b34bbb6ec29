"""Who is told what happens in a host."""

import logging

import pytest

from workerhost.observed import LogLevel
from workerhost.runtime.observing.observers import Observer, Observers


class _Broken(Observer):
    def acted(self, project_id: str, actions: int) -> None:
        raise ValueError("no room")


class _Heard(Observer):
    def __init__(self) -> None:
        self.heard: list[object] = []

    def acted(self, project_id: str, actions: int) -> None:
        self.heard.append((project_id, actions))

    def published(self, project_id: str, *, is_accepted: bool, code: str = "") -> None:
        self.heard.append((project_id, is_accepted, code))


def test_an_observer_that_fails_is_said_once_and_the_others_learn_of_everything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, last = _Heard(), _Heard()
    observers = Observers([first, _Broken(), last])
    with caplog.at_level(logging.ERROR):
        observers.acted("shop", 2)
        observers.acted("shop", 3)
        observers.published("shop", is_accepted=False, code="invalid")
        observers.log_lines_taken("shop", LogLevel.INFO)  # of which none of them wants to know
    assert first.heard == last.heard == [("shop", 2), ("shop", 3), ("shop", False, "invalid")]
    assert [each.getMessage() for each in caplog.records] == ["_Broken does not learn of everything"]


def test_observers_of_observers_are_told_everything() -> None:
    heard = _Heard()
    Observers([Observers([heard])]).acted("shop", 1)
    assert heard.heard == [("shop", 1)]
