"""What ends is counted by project, name and hour, and the memory for that is bounded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workerhost.observed import OTHERS, ActivityEnd, Outcome, RunEnd
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store import ActivityFigures
from workerhost.words import BuildId, HostId

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOST = HostId("h")


def _activity(outcome: Outcome = Outcome.COMPLETED, name: str = "pay", **changes: Any) -> ActivityEnd:
    values = {
        "project_id": "shop",
        "activity": name,
        "workflow_type": "Buy",
        "build_id": None,
        "outcome": outcome,
        "seconds": 0.02,
        "attempt": 1,
        "ended_at": NINE + timedelta(minutes=5),
    }
    return ActivityEnd(**{**values, **changes})


def _run(outcome: Outcome = Outcome.COMPLETED, build: str = "b1") -> RunEnd:
    return RunEnd("shop", "Buy", BuildId(build), outcome, 2.0, 1, 1000, NINE)


def _taken(recorder: StatisticsRecorder) -> list[ActivityFigures]:
    return sorted(recorder.take_changed(HOST).activities, key=lambda each: (each.project_id, each.activity_name))


def test_each_outcome_of_an_activity_is_counted() -> None:
    recorder = StatisticsRecorder()
    for outcome, attempt in ((Outcome.COMPLETED, 1), (Outcome.FAILED, 1), (Outcome.COMPLETED, 2)):
        recorder.activity_ended(_activity(outcome, attempt=attempt))
    recorder.activity_ended(_activity(Outcome.TIMED_OUT, attempt=3, seconds=1, ended_at=NINE + timedelta(minutes=9)))
    recorder.activity_ended(_activity(Outcome.CANCELED))
    changed = recorder.take_changed(HOST)
    (row,) = changed.activities
    assert (row.executions, row.successes, row.failures, row.timeouts, row.cancellations, row.retries) == (
        5,
        2,
        1,
        1,
        1,
        2,
    )
    assert (row.period_start, row.last_at, row.total_duration_ms) == (NINE, NINE + timedelta(minutes=9), 1080)
    assert (row.host_id, row.project_id, row.activity_name) == ("h", "shop", "pay")
    assert DurationSketch.from_bytes(row.sketch).quantile(1) == pytest.approx(1000, rel=0.011)
    (totals,) = changed.totals
    assert (totals.activities, totals.failed_activities, totals.runs) == (5, 2, 0)


def test_runs_are_counted_by_type_and_build() -> None:
    recorder = StatisticsRecorder()
    for outcome in (Outcome.COMPLETED, Outcome.FAILED, Outcome.CONTINUED_AS_NEW):
        recorder.run_ended(_run(outcome))
    recorder.run_ended(_run(build="b2"))
    changed = recorder.take_changed(HOST)
    first, second = changed.workflows
    assert (first.executions, first.successes, first.failures, first.continuations) == (3, 1, 1, 1)
    assert (first.history_bytes, first.total_duration_ms) == (3000, 6000)
    assert (second.build_id, second.executions) == ("b2", 1)
    assert (changed.totals[0].runs, changed.totals[0].failed_runs) == (4, 1)


def test_only_what_has_changed_is_taken_and_as_it_is_in_all() -> None:
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity())
    recorder.activity_ended(_activity(name="ship"))
    assert len(_taken(recorder)) == 2
    assert not recorder.take_changed(HOST)
    recorder.activity_ended(_activity())
    (row,) = _taken(recorder)
    assert (row.activity_name, row.executions) == ("pay", 2)


def test_figures_that_could_not_be_written_are_taken_again_once() -> None:
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity())
    recorder.activity_ended(_activity(name="ship"))
    failed = recorder.take_changed(HOST)
    recorder.activity_ended(_activity())
    recorder.put_back(failed)
    assert [(row.activity_name, row.executions) for row in _taken(recorder)] == [("pay", 2), ("ship", 1)]
    assert not recorder.take_changed(HOST)


def test_hours_that_are_over_are_forgotten_when_they_are_written() -> None:
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity())
    ten = NINE + timedelta(hours=1)
    recorder.drop_written(ten)
    (written,) = _taken(recorder)
    recorder.drop_written(ten)
    recorder.activity_ended(_activity(ended_at=ten))
    assert [row.executions for row in _taken(recorder)] == [1]
    # The host's clock was set back: what comes now is written beside what was written, and not in its place.
    recorder.activity_ended(_activity())
    (late,) = _taken(recorder)
    assert (late.period_start, late.executions) == (written.period_start, 1)
    assert late.host_id != written.host_id


def test_hours_that_are_long_over_are_given_up_and_counted() -> None:
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity())
    recorder.activity_ended(_activity(ended_at=NINE + timedelta(hours=1)))
    assert recorder.give_up(NINE) == 0
    assert recorder.give_up(NINE + timedelta(hours=1)) == 1
    assert [row.period_start for row in _taken(recorder)] == [NINE + timedelta(hours=1)]


def test_a_project_with_many_names_has_the_rest_counted_under_one() -> None:
    recorder = StatisticsRecorder(most_names=3)
    for number in range(50):
        recorder.activity_ended(_activity(name=f"name {number:02}"))
    recorder.activity_ended(_activity(project_id="other"))
    rows = _taken(recorder)
    assert [(row.project_id, row.activity_name, row.executions) for row in rows] == [
        ("other", "pay", 1),
        ("shop", OTHERS, 47),
        ("shop", "name 00", 1),
        ("shop", "name 01", 1),
        ("shop", "name 02", 1),
    ]
    for number in range(50):
        recorder.run_ended(_run(build=f"b{number}"))
    assert {row.build_id for row in recorder.take_changed(HOST).workflows} == {"b0", "b1", "b2", ""}


def test_more_projects_than_fit_lose_names_first_and_then_figures() -> None:
    recorder = StatisticsRecorder(most_tallies=10)
    for number in range(30):
        recorder.activity_ended(_activity(project_id=f"project {number:02}"))
    assert [row.activity_name for row in _taken(recorder)] == ["pay"] * 10 + [OTHERS] * 10
    assert recorder.uncounted == 10


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "x" * 5000, "", "(others)"])
def test_any_name_can_be_stored(name: str) -> None:
    recorder = StatisticsRecorder()
    for _ in range(2):
        recorder.activity_ended(_activity(name=name))
    (row,) = _taken(recorder)
    assert row.executions == 2
    assert "\0" not in row.activity_name
    assert len(row.activity_name.encode()) <= 200


def test_no_end_is_lost_where_many_threads_count_while_others_take() -> None:
    recorder = StatisticsRecorder()
    newest: dict[str, int] = {}

    def count(thread: int) -> None:
        for number in range(2000):
            recorder.activity_ended(_activity(name=f"{(thread + number) % 3}"))

    with ThreadPoolExecutor(4) as pool:
        counting = [pool.submit(count, thread) for thread in range(4)]
        while not all(each.done() for each in counting):
            newest |= {row.activity_name: row.executions for row in _taken(recorder)}
    newest |= {row.activity_name: row.executions for row in _taken(recorder)}
    assert sum(newest.values()) == 8000


def test_a_project_that_was_stopped_and_comes_again_begins_anew_beside_what_was_counted_before() -> None:
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity())
    before = recorder.take_changed(HOST)
    recorder.activity_ended(_activity())
    recorder.worker_stopped("shop")
    recorder.activity_ended(_activity())
    changed = recorder.take_changed(HOST)
    # The first row goes on with that of the time before; the other one has a key of its own.
    assert sorted((row.host_id == before.activities[0].host_id, row.executions) for row in changed.activities) == [
        (False, 1),
        (True, 2),
    ]
    assert [row.activities for row in changed.totals] == [1], "one row for each key, or the database takes none"
    recorder.worker_stopped("shop")
    recorder.put_back(changed)
    assert sorted(row.executions for row in _taken(recorder)) == [1, 2]
