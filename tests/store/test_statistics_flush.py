"""What a host has counted is written with few statements, survives a database that is away, and is rolled up."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from support import DATABASES
from support.figures import stored_activities, stored_workflows
from workerhost.errors import StoreUnavailableError
from workerhost.observed import ActivityEnd, Outcome, Period, RunEnd
from workerhost.runtime.retention.tidier import RetentionTidier
from workerhost.runtime.statistics.flush import KEPT_HOURS, StatisticsFlush
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import BuildId, HostId

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
PROJECTS = [f"project-{number:04}" for number in range(1000)]


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            seen.append(statement)

    event.listen(store.database._engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.database._engine, "before_cursor_execute", note)


def _activity(project: str, ended_at: datetime | None = None) -> ActivityEnd:
    at = ended_at or datetime.now(UTC)
    return ActivityEnd(project, "pay", "Buy", BuildId("b1"), Outcome.COMPLETED, 0.01, 1, at)


def _run(project: str) -> RunEnd:
    return RunEnd(project, "Buy", BuildId("b1"), Outcome.COMPLETED, 1.0, 1, 100, datetime.now(UTC))


def _put_projects(store: Store, names: list[str]) -> None:
    with store.database.writing() as session:
        insert = text("INSERT INTO projects (id, task_queue_name) VALUES (:name, :name)")
        session.execute(insert, [{"name": name} for name in names])


def test_a_thousand_projects_take_one_statement_for_each_table_and_none_when_they_are_idle(
    store: Store, statements: list[str]
) -> None:
    _put_projects(store, PROJECTS)
    recorder = StatisticsRecorder()
    flush = StatisticsFlush(recorder, store, HostId("a"))
    for project in PROJECTS:
        recorder.activity_ended(_activity(project))
        recorder.run_ended(_run(project))
    statements.clear()
    flush.write_changed()
    assert len(statements) == 3
    assert len(stored_activities(store, *ALWAYS)) == len(stored_workflows(store, *ALWAYS)) == 1000
    statements.clear()
    for _ in range(5):
        flush.write_changed()
    flush.stop()
    assert statements == []
    recorder.activity_ended(_activity(PROJECTS[0]))
    flush.write_changed()
    assert len(statements) == 2, "one of activities, and one of totals"


def test_what_cannot_be_written_is_kept_and_given_up_when_it_is_too_old(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    _put_projects(store, ["shop"])
    recorder = StatisticsRecorder()
    flush = StatisticsFlush(recorder, store, HostId("a"))
    with store.database.writing() as session:
        session.execute(text("ALTER TABLE activity_statistics RENAME TO hidden"))
    for _ in range(3):
        recorder.activity_ended(_activity("shop"))
        with pytest.raises(StoreUnavailableError):
            flush.write_changed()
    with caplog.at_level(logging.WARNING):
        flush.stop()
    assert "the figures since the last write are lost" in caplog.text
    with store.database.writing() as session:
        session.execute(text("ALTER TABLE hidden RENAME TO activity_statistics"))
    flush.write_changed()
    (row,) = stored_activities(store, *ALWAYS)
    assert row.executions == 3

    caplog.clear()
    flush = StatisticsFlush(recorder, store, HostId("a"))
    recorder.activity_ended(_activity("shop", datetime.now(UTC) - timedelta(hours=KEPT_HOURS + 2)))
    with caplog.at_level(logging.WARNING):
        flush.write_changed()
        flush.write_changed()
    said = f"1 rows of statistics are lost: they could not be written for {KEPT_HOURS} hours"
    assert [each.getMessage() for each in caplog.records] == [said]
    assert stored_activities(store, *ALWAYS) == [row]


def test_old_hours_become_days_and_old_days_go(store: Store, settings: Settings) -> None:
    _put_projects(store, ["shop"])
    recorder = StatisticsRecorder()
    recorder.activity_ended(_activity("shop"))
    (now,) = recorder.take_changed(HostId("a")).activities
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [replace(now, period_start=today - timedelta(hours=hour)) for hour in range(1, 49)]
    too_old = replace(now, period=Period.DAY, host_id="", period_start=today - timedelta(days=6))
    store.statistics.write([*hours, too_old], [])
    kept = settings.model_copy(update={"statistics_hours_kept_days": 1, "statistics_days_kept_days": 5})
    tidier = RetentionTidier(kept, store)
    tidier.stop()
    tidier.forget_what_is_old()
    assert len(stored_activities(store, *ALWAYS)) == 49, "a host that ends begins nothing that is long"
    for _ in range(2):
        RetentionTidier(kept, store).forget_what_is_old()
    rows = stored_activities(store, *ALWAYS)
    assert [row.executions for row in rows if row.period == Period.HOUR] == [1] * 24
    (day,) = [row for row in rows if row.period == Period.DAY]
    assert (day.executions, day.period_start) == (24, today - timedelta(days=2))
