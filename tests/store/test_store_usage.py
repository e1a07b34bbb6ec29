"""The store keeps what projects use by day, counts no write twice, and adds up what several hosts saw."""

from datetime import date

import pytest

from support import DATABASES
from workerhost.store import Store
from workerhost.store.usage import UsageFigures, UsageRow

FIRST, SECOND, THIRD = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)
FIGURES = UsageFigures(3, 10, 2.5, 0.125, 2**40, 1)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_write_that_is_repeated_counts_once(store: Store) -> None:
    for actions in (5, 10, 10):
        store.usage.save([UsageRow("shop", FIRST, "a", UsageFigures(3, actions, 2.5, 0.125, 2**40, 1))])
    assert store.usage.days("shop", FIRST, FIRST) == [(FIRST, FIGURES)]


def test_what_several_hosts_saw_adds_up_by_day_and_by_project(store: Store) -> None:
    rows = [UsageRow(project, day, host, FIGURES) for project in ("a", "b") for day in (FIRST, SECOND) for host in "xy"]
    store.usage.save([*rows, UsageRow("c", THIRD, "x", FIGURES)])
    assert store.usage.days("a", FIRST, THIRD) == [(FIRST, FIGURES + FIGURES), (SECOND, FIGURES + FIGURES)]
    assert store.usage.days("a", SECOND, THIRD) == [(SECOND, FIGURES + FIGURES)]
    four = FIGURES + FIGURES + FIGURES + FIGURES
    assert store.usage.totals(FIRST, SECOND, "", 10) == [("a", four), ("b", four)]
    assert store.usage.totals(FIRST, THIRD, "a", 1) == [("b", four)]


def test_usage_outlives_its_project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    store.usage.save([UsageRow("shop", FIRST, "a", FIGURES)])
    store.projects.delete("shop")
    assert store.usage.days("shop", FIRST, FIRST) == [(FIRST, FIGURES)]


def test_rows_of_days_that_are_over_become_one_and_say_the_same(store: Store) -> None:
    store.usage.save([UsageRow("shop", day, host, FIGURES) for day in (FIRST, SECOND) for host in "abc"])
    before = store.usage.days("shop", FIRST, SECOND)
    assert store.usage.merge(SECOND) == 1
    store.usage.save([UsageRow("shop", FIRST, "late", UsageFigures(actions=1))])
    assert [store.usage.merge(SECOND) for _ in range(2)] == [1, 0]
    (first, second) = store.usage.days("shop", FIRST, SECOND)
    assert first == (FIRST, before[0][1] + UsageFigures(actions=1))
    assert second == before[1]


def test_old_days_are_forgotten(store: Store) -> None:
    store.usage.save([UsageRow("shop", day, "a", FIGURES) for day in (FIRST, SECOND)])
    store.usage.forget(SECOND)
    assert store.usage.days("shop", FIRST, THIRD) == [(SECOND, FIGURES)]
