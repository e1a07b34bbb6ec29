"""The store keeps figures that hosts write, counts none twice, and rolls hours up into days."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from support import DATABASES
from support.figures import stored_activities, stored_workflows
from workerhost.observed import Period
from workerhost.runtime.statistics.sketch import DurationSketch, merge_stored
from workerhost.store import ActivityFigures, Store, WorkerTotals, WorkflowFigures
from workerhost.words import BuildId, HostId

DAY = datetime(2026, 3, 1, tzinfo=UTC)
LATER = DAY + timedelta(days=400)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(store.database._engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.database._engine, "before_cursor_execute", note)


def _sketch(*milliseconds: float) -> bytes:
    sketch = DurationSketch()
    for each in milliseconds:
        sketch.add(each)
    return sketch.to_bytes()


def _activity(hour: int = 9, host: str = "a", executions: int = 2, **changes: Any) -> ActivityFigures:
    start = DAY + timedelta(hours=hour)
    figures = ActivityFigures(
        project_id="shop",
        activity_name="pay",
        period=Period.HOUR,
        period_start=start,
        host_id=host,
        executions=executions,
        successes=executions - 1,
        failures=1,
        timeouts=0,
        cancellations=0,
        retries=1,
        total_duration_ms=10 * executions,
        sketch=_sketch(*[10.0] * executions),
        last_at=start + timedelta(minutes=5, microseconds=7),
    )
    return replace(figures, **changes)


def _workflow(hour: int = 9, host: str = "a") -> WorkflowFigures:
    shared = asdict(_activity(hour, host))
    del shared["activity_name"]
    more = {"workflow_type": "Buy", "build_id": BuildId("b1"), "continuations": 1, "history_bytes": 2**40}
    return WorkflowFigures(**shared, **more)


def test_figures_are_read_as_they_were_written(store: Store) -> None:
    activities = [_activity(), _activity(activity_name="ship ä"), _activity(hour=10, sketch=b"\0\xff")]
    store.statistics.write(activities, [_workflow()])
    assert stored_activities(store, DAY, LATER, "shop") == sorted(activities, key=lambda each: each.activity_name)
    assert stored_activities(store, DAY, LATER) == stored_activities(store, DAY, LATER, "shop")
    assert stored_activities(store, DAY + timedelta(hours=10), LATER, "shop") == [activities[2]]
    assert stored_activities(store, DAY, DAY + timedelta(hours=10)) == activities[:2]
    assert stored_workflows(store, DAY, LATER) == [_workflow()]
    assert stored_activities(store, DAY, LATER, "other") == []


def test_what_is_written_again_replaces_what_the_host_wrote_before(store: Store) -> None:
    for executions in (2, 2, 5):
        store.statistics.write([_activity(executions=executions), _activity(host="b")], [_workflow()])
    assert stored_activities(store, DAY, LATER) == [_activity(executions=5), _activity(host="b")]
    assert stored_workflows(store, DAY, LATER) == [_workflow()]


def test_many_figures_take_one_statement_for_each_table_and_none_take_none(store: Store, statements: list[str]) -> None:
    totals = WorkerTotals("shop", HostId("a"), 1, 2, 3, 4, DAY)
    many = [_activity(activity_name=f"pay {number}") for number in range(3000)]
    store.statistics.write(many, [_workflow()], [totals])
    assert len([each for each in statements if "INSERT" in each]) == 3
    assert store.statistics.totals("shop", "a") == totals
    assert len(stored_activities(store, DAY, LATER)) == 3000
    statements.clear()
    store.statistics.write([], [])
    assert statements == []


def test_figures_of_projects_that_are_gone_are_left_out_and_the_others_written(store: Store) -> None:
    store.projects.put("gone", name=None, task_queue=None, settings=None)
    store.statistics.write([_activity(project_id="gone")], [replace(_workflow(), project_id="gone")])
    store.projects.delete("gone")
    totals = [WorkerTotals(project, HostId("a"), 1, 2, 3, 4, DAY) for project in ("gone", "shop")]
    store.statistics.write(
        [_activity(project_id="gone"), _activity(), _activity(project_id="never")],
        [replace(_workflow(), project_id="gone")],
        totals,
    )
    assert stored_activities(store, DAY, LATER) == [_activity()]
    assert stored_workflows(store, DAY, LATER) == []
    assert store.statistics.totals("gone", "a") is None
    assert store.statistics.totals("shop", "a") == totals[1]


def test_hosts_write_while_projects_are_deleted(store: Store) -> None:
    names = [f"project-{number}" for number in range(30)]
    for name in names:
        store.projects.put(name, name=None, task_queue=None, settings=None)

    def write(host: str) -> None:
        for executions in range(2, 8):
            store.statistics.write(
                [_activity(project_id=name, host=host, executions=executions) for name in [*names, "shop"]], []
            )

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(write, host) for host in ("a", "b")]
        for name in reversed(names):
            store.projects.delete(name)
        for writer in writers:
            writer.result()
    found = stored_activities(store, DAY, LATER)
    assert [(each.project_id, each.host_id, each.executions) for each in found] == [("shop", "a", 7), ("shop", "b", 7)]


def test_hours_of_all_hosts_become_one_row_of_their_day(store: Store) -> None:
    hours = [_activity(hour, host) for hour in (0, 9, 23) for host in ("a", "b")]
    next_day = _activity(hour=24)
    store.statistics.write([*hours, next_day, _activity(activity_name="ship")], [_workflow(3), _workflow(4, "b")])
    while store.statistics.roll_up(DAY + timedelta(days=1), merge_stored, 200, limit=4):
        pass
    pay, kept, ship = stored_activities(store, DAY, LATER)
    assert kept == next_day
    assert (ship.period, ship.executions) == (Period.DAY, 2)
    assert pay == _activity(
        hour=0,
        host="",
        executions=12,
        period=Period.DAY,
        successes=6,
        failures=6,
        retries=6,
        sketch=_sketch(*[10.0] * 12),
        last_at=hours[-1].last_at,
    )
    (run,) = stored_workflows(store, DAY, LATER)
    assert (run.executions, run.continuations, run.history_bytes, run.host_id) == (4, 2, 2**41, "")


def test_names_of_a_day_past_a_number_are_counted_together(store: Store) -> None:
    builds = [replace(_workflow(), build_id=BuildId(f"b{number}")) for number in range(3)]
    store.statistics.write([_activity(hour, activity_name=f"n{hour}") for hour in range(5)], builds)
    while store.statistics.roll_up(DAY + timedelta(days=1), merge_stored, most_names=2, limit=2):
        pass
    found = stored_activities(store, DAY, LATER)
    assert [(each.activity_name, each.executions) for each in found] == [("(others)", 6), ("n0", 2), ("n1", 2)]
    assert {(each.workflow_type, each.build_id) for each in stored_workflows(store, DAY, LATER)} == {
        ("(others)", ""),
        ("Buy", "b0"),
        ("Buy", "b1"),
    }


def test_hosts_that_roll_up_at_once_count_nothing_twice(store: Store) -> None:
    store.statistics.write([_activity(hour % 24, f"h{hour}", activity_name=f"n{hour % 5}") for hour in range(120)], [])

    def roll_up() -> None:
        for _ in range(30):
            store.statistics.roll_up(DAY + timedelta(days=1), merge_stored, 200, limit=7)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(roll_up) for _ in range(4)]:
            each.result()
    while store.statistics.roll_up(DAY + timedelta(days=1), merge_stored, 200):
        pass
    found = stored_activities(store, DAY, LATER)
    assert [(each.period, each.activity_name, each.executions) for each in found] == [
        (Period.DAY, f"n{number}", 48) for number in range(5)
    ]


def test_old_periods_and_totals_of_hosts_that_are_gone_are_dropped(store: Store) -> None:
    days = [_activity(24 * day, "", period=Period.DAY) for day in range(4)]
    store.statistics.write([*days, _activity()], [_workflow()])
    assert store.statistics.drop(Period.DAY, DAY + timedelta(days=3), limit=2) == 2
    assert store.statistics.drop(Period.DAY, DAY + timedelta(days=3), limit=2) == 1
    assert stored_activities(store, DAY, LATER) == [days[3], _activity()]
    now = datetime.now(UTC)
    totals = [WorkerTotals("shop", HostId(host), 1, 0, 1, 0, at) for host, at in (("old", DAY), ("new", now))]
    store.statistics.write([], [], totals)
    store.statistics.forget_totals(days=7)
    assert [store.statistics.totals("shop", host) for host in ("old", "new")] == [None, totals[1]]
