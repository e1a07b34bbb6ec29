"""What a project may log, and what becomes of what is too much."""

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from support.log_lines import NOON, log_line
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.project_logs import flow, waiting_lines
from workerhost.runtime.project_logs.waiting_lines import WaitingLines
from workerhost.store.project_logs.values import NewLine
from workerhost.store.project_logs.writing import BATCH


def _all(waiting: WaitingLines) -> list[NewLine]:
    found: list[NewLine] = []
    while lines := waiting.take():
        found += lines
    return found


def _messages(lines: Sequence[NewLine], project_id: str = "shop") -> list[str]:
    return [each.line.message for each in lines if each.line.project_id == project_id]


def test_a_flood_is_cut_off_and_the_log_says_how_much_is_missing() -> None:
    waiting = WaitingLines(rate=100, observer=Observer())
    for number in range(2000):
        waiting.add(log_line(f"line {number}"))
    waiting.add(log_line("quiet", "bank"))
    waiting.end()
    lines = _all(waiting)
    *kept, last = _messages(lines)
    assert kept[:500] == [f"line {number}" for number in range(500)]
    assert 500 <= len(kept) < 600
    assert last == f"{2000 - len(kept)} lines were dropped"
    assert lines[-1].fields == f'{{"dropped":{2000 - len(kept)}}}'
    assert _messages(lines, "bank") == ["quiet"]


def test_each_of_many_projects_learns_what_it_has_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_lines, "BATCH", 2)
    waiting = WaitingLines(rate=1, observer=Observer())
    names = [f"project-{number}" for number in range(5)]
    for name in names:
        for _ in range(8):
            waiting.add(log_line("loud", name))
    waiting.end()
    lines = _all(waiting)
    said = {each.line.project_id: each.line.message for each in lines if each.line.message != "loud"}
    assert said == dict.fromkeys(names, "3 lines were dropped")


def test_long_lines_count_more_than_short_ones() -> None:
    waiting = WaitingLines(rate=10, observer=Observer())
    for _ in range(50):
        waiting.add(log_line("x" * 10_000))
    waiting.end()
    assert _messages(_all(waiting))[-1] == "45 lines were dropped"


def test_one_project_cannot_push_out_the_lines_of_others_while_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting_lines, "MOST_LINES", 100)
    waiting = WaitingLines(rate=1000, observer=Observer())
    waiting.add(log_line("quiet", "bank"))
    for _ in range(1000):
        waiting.add(log_line("loud"))
    assert waiting.count == 51
    for number in range(60):
        waiting.add(log_line("more", f"other-{number}"))
    assert waiting.count == 100
    waiting.end()
    lines = _all(waiting)
    assert _messages(lines, "bank") == ["1 line was dropped"]  # the oldest of all
    assert _messages(lines, "other-59") == ["more"]
    assert _messages(lines)[-1] == "960 lines were dropped"


def test_lines_stand_in_the_order_in_which_they_were_said_also_where_a_later_one_came_first() -> None:
    waiting = WaitingLines(rate=100, observer=Observer())
    waiting.add(log_line("a workflow task failed", at=NOON + timedelta(milliseconds=2)))
    for message in ("paying", "printed"):
        waiting.add(log_line(message, at=NOON))
    assert _messages(waiting.take()) == ["paying", "printed", "a workflow task failed"]


def test_lines_that_could_not_be_written_come_first_again() -> None:
    waiting = WaitingLines(rate=1000, observer=Observer())
    for number in range(BATCH + 1):
        waiting.add(log_line(str(number)))
    lines = waiting.take()
    assert len(lines) == BATCH
    waiting.put_back(lines)
    assert _messages(_all(waiting)) == [str(number) for number in range(BATCH + 1)]
    assert waiting.count == 0


def test_no_line_is_dropped_without_a_count_however_often_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting_lines, "MOST_LINES", 100)
    monkeypatch.setattr(waiting_lines, "BATCH", 20)
    monkeypatch.setattr(flow, "SAID_SECONDS", 0)
    waiting = WaitingLines(rate=1000, observer=Observer())
    names = ["shop", "bank", "club"]
    for _ in range(10):
        for name in 60 * names:
            waiting.add(log_line("loud", name))
        waiting.put_back(waiting.take())
    assert waiting.count <= 100
    waiting.end()
    lines = _all(waiting)
    for name in names:
        said = [message for message in _messages(lines, name) if message != "loud"]
        dropped = sum(int(message.split()[0]) for message in said)
        assert len(_messages(lines, name)) - len(said) + dropped == 600


def test_taking_a_line_takes_microseconds() -> None:
    waiting = WaitingLines(rate=10_000, observer=Observer())
    lines = [log_line(f"order {number} was charged", run_id="r" * 36, fields={"n": number}) for number in range(5000)]
    begin = time.thread_time()  # others use the machine, too
    for line in lines:
        waiting.add(line)
    assert (time.thread_time() - begin) / len(lines) < 100e-6  # many times what it takes
    assert waiting.count == 5000
