"""A host counts what projects use, writes each figure until it is written, and writes nothing twice."""

from datetime import UTC, date, datetime

import pytest

from workerhost.observed import ActivityEnd, Outcome, RunEnd
from workerhost.runtime.usage.recorder import UsageRecorder
from workerhost.store.usage import UsageFigures, UsageRow
from workerhost.words import BuildId

FIRST, SECOND, FOURTH = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)


class Days:
    """A clock that shows a day until it is set to another one."""

    def __init__(self) -> None:
        self.day = FIRST

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def recorder(days: Days) -> UsageRecorder:
    return UsageRecorder(days)


def written(recorder: UsageRecorder) -> list[UsageRow]:
    saved: list[UsageRow] = []
    recorder.write(saved.extend)
    return saved


def refuse(_rows: list[UsageRow]) -> None:
    raise ConnectionError


def test_everything_is_counted_for_its_project(recorder: UsageRecorder) -> None:
    at, build = datetime(2026, 3, 1, tzinfo=UTC), BuildId("b")
    recorder.run_began("shop")
    recorder.acted("shop", 3)
    recorder.activity_ended(ActivityEnd("shop", "pay", "Buy", build, Outcome.FAILED, 1.5, 1, at))
    recorder.activity_ended(ActivityEnd("shop", "pay", "Buy", build, Outcome.COMPLETED, 0.5, 2, at))
    recorder.computed("shop", 0.25)
    recorder.run_ended(RunEnd("shop", "Buy", build, Outcome.COMPLETED, 3, 1, 4096, at))
    recorder.published("shop", is_accepted=True)
    recorder.published("shop", is_accepted=False)
    recorder.acted("bank", 1)
    figures = {row.project_id: row.figures for row in written(recorder)}
    assert figures == {"shop": UsageFigures(1, 3, 2.0, 0.25, 4096, 1), "bank": UsageFigures(actions=1)}


def test_whole_figures_are_written_and_only_those_that_have_changed(recorder: UsageRecorder) -> None:
    recorder.acted("shop", 1)
    recorder.acted("bank", 1)
    assert len(written(recorder)) == 2
    recorder.acted("shop", 1)
    (row,) = written(recorder)
    assert (row.project_id, row.figures.actions) == ("shop", 2)
    assert written(recorder) == []


def test_what_cannot_be_written_is_kept(recorder: UsageRecorder) -> None:
    recorder.acted("shop", 1)
    with pytest.raises(ConnectionError):
        recorder.write(refuse)
    recorder.acted("bank", 1)
    assert [row.project_id for row in written(recorder)] == ["bank", "shop"]


def test_a_new_day_begins_at_nothing_and_a_clock_that_is_set_back_does_not_open_the_old_one(
    recorder: UsageRecorder, days: Days
) -> None:
    recorder.acted("shop", 5)
    written(recorder)
    days.day = SECOND
    recorder.acted("shop", 1)
    days.day = FIRST
    recorder.acted("shop", 1)
    (row,) = written(recorder)
    assert (row.day, row.figures.actions) == (SECOND, 2)


def test_what_comes_days_late_is_added_to_the_figures_of_its_day(recorder: UsageRecorder, days: Days) -> None:
    recorder.acted("shop", 5)
    (before,) = written(recorder)
    recorder.acted("shop", 2)
    days.day = FOURTH
    (late,) = written(recorder)
    assert (late.day, late.figures.actions) == (FIRST, 2)
    assert late.host_id != before.host_id
