"""The logs of projects as they are stored: found again, trimmed, and in an order that readers can rely on."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from support import DATABASES
from support.log_lines import NOON, log_line, messages, new_line
from workerhost.observed import LogLevel
from workerhost.store import Store
from workerhost.store.project_logs import reading, trimming
from workerhost.store.project_logs.values import EVERYTHING, LogFilter, NewLine
from workerhost.store.project_logs.writing import LOCK, ProjectLogWriter

DAY = 86400.0
MEGABYTE = 10**6


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def writer(store: Store) -> Iterator[ProjectLogWriter]:
    for project_id in ("shop", "bank"):
        store.projects.put(project_id, name=None, task_queue=None, settings=None)
    return store.project_logs.writer(MEGABYTE, DAY)


def _trim(store: Store, most_bytes: int, *, days_later: float = 0, project_ids: set[str] | None = None) -> None:
    oldest = NOON + timedelta(days=days_later)
    for segment in store.project_logs.trimmer.find(most_bytes, oldest, project_ids):
        while not store.project_logs.trimmer.drop_some(segment):
            pass


def _rows(store: Store, table: str) -> int:
    with store.database.reading() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_line_comes_back_with_all_that_it_says(store: Store, writer: ProjectLogWriter) -> None:
    line = log_line(
        "Grüße, \x1b[31m日本 'quoted' \\ {}",
        at=NOON + timedelta(microseconds=123456),
        level=LogLevel.ERROR,
        workflow_id="order-1",
        run_id="run-1",
        workflow_type="Order",
        build_id="abc",
        activity="charge",
        attempt=3,
        node="pay",
        logger="shop.pay",
        fields={"amount": 12.5, "tags": ["a", None]},
    )
    writer.write([NewLine(line, '{"amount": 12.5, "tags": ["a", null]}', 100)])
    assert [each.line for each in store.project_logs.reader.page("shop", EVERYTHING, 10).lines] == [line]
    assert store.project_logs.reader.page("bank", EVERYTHING, 10).lines == ()


def test_lines_are_found_by_what_they_are_about(store: Store, writer: ProjectLogWriter) -> None:
    writer.write(
        [
            new_line("first", run_id="run-1", workflow_id="order-1", activity="charge", node="pay"),
            new_line("Second 100%", run_id="run-2", workflow_id="order-1", level=LogLevel.WARNING),
            new_line(
                "third", run_id="run-3", workflow_id="order-2", level=LogLevel.ERROR, at=NOON + timedelta(hours=1)
            ),
            new_line("of the bank", "bank", run_id="run-1", workflow_id="order-1", activity="charge", node="pay"),
        ]
    )
    assert messages(store) == ["third", "Second 100%", "first"]
    assert messages(store, run_id="run-1") == ["first"]
    assert messages(store, workflow_id="order-1") == ["Second 100%", "first"]
    assert messages(store, workflow_id="order-1", run_id="run-2") == ["Second 100%"]
    assert messages(store, activity="charge") == messages(store, node="pay") == ["first"]
    assert messages(store, level=LogLevel.WARNING) == ["third", "Second 100%"]
    assert messages(store, after=NOON + timedelta(hours=1)) == ["third"]
    assert messages(store, before=NOON + timedelta(hours=1)) == ["Second 100%", "first"]
    assert messages(store, text="SECOND 100%") == ["Second 100%"]
    assert messages(store, text="1_0") == []
    assert messages(store, after=NOON + timedelta(days=1)) == []


def test_pages_go_on_where_they_ended_while_new_lines_come(store: Store, writer: ProjectLogWriter) -> None:
    writer.write([new_line(str(number)) for number in range(5)])
    first = store.project_logs.reader.page("shop", EVERYTHING, 2)
    writer.write([new_line("new")])
    second = store.project_logs.reader.page("shop", EVERYTHING, 2, first.next_id)
    third = store.project_logs.reader.page("shop", EVERYTHING, 2, second.next_id)
    assert [each.line.message for page in (first, second, third) for each in page.lines] == ["4", "3", "2", "1", "0"]
    assert third.next_id is None
    after = store.project_logs.reader.after("shop", EVERYTHING, 10, first.lines[0].id)
    assert [each.line.message for each in after.lines] == ["new"]


def test_lines_of_hosts_whose_clocks_differ_are_all_found_by_time(store: Store, writer: ProjectLogWriter) -> None:
    other = store.project_logs.writer(MEGABYTE, DAY)
    for number in range(20):
        second = NOON + timedelta(seconds=number)
        writer.write([new_line(f"here {number}", at=second)])
        other.write([new_line(f"there {number}", at=second + timedelta(seconds=10))])
    noon = NOON + timedelta(seconds=15)
    before, after = messages(store, before=noon), messages(store, after=noon)
    assert (len(before), len(after)) == (15 + 5, 5 + 15)
    assert sorted([*before, *after]) == sorted(messages(store))
    assert messages(store, limit=2) == ["there 19", "here 19"]


def test_a_look_for_a_rare_line_is_bounded_and_goes_on(
    store: Store, writer: ProjectLogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SCANNED", 4)
    writer.write([new_line("a needle"), *(new_line("hay") for _ in range(9))])
    found, pages, cursor = [], 0, None
    while pages == 0 or cursor is not None:
        page = store.project_logs.reader.page("shop", LogFilter(text="needle"), 3, cursor)
        found += [each.line.message for each in page.lines]
        pages, cursor = pages + 1, page.next_id
    assert (found, pages) == (["a needle"], 3)


def test_what_is_too_much_goes_oldest_first_and_the_rest_stays(
    store: Store, writer: ProjectLogWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "DELETED_AT_ONCE", 3)
    for number in range(10):
        writer.write([new_line(f"{number}-{each}", size=MEGABYTE // 5) for each in range(5)])
        writer.write([new_line("of the bank", "bank")])
    _trim(store, 3 * MEGABYTE, project_ids={"shop", "bank"})
    assert messages(store) == [f"{number}-{each}" for number in (9, 8, 7) for each in (4, 3, 2, 1, 0)]
    assert len(messages(store, "bank")) == 10
    assert _rows(store, "project_logs") == 25
    with store.database.reading() as session:
        kept = session.execute(
            text("SELECT sum(lines), sum(bytes) FROM project_log_segments WHERE project_id = 'shop'")
        )
        assert tuple(map(int, kept.one())) == (15, 3 * MEGABYTE)


def test_what_is_too_old_goes_of_all_projects(store: Store, writer: ProjectLogWriter) -> None:
    writer.write([new_line("old"), new_line("old", "bank")])
    store.project_logs.writer(MEGABYTE, DAY).write([new_line("new", at=NOON + timedelta(days=9))])
    _trim(store, MEGABYTE, days_later=7)
    assert (messages(store), messages(store, "bank")) == (["new"], [])
    assert (_rows(store, "project_logs"), _rows(store, "project_log_segments")) == (1, 1)


def test_lines_that_come_while_their_segment_is_trimmed_stay(store: Store, writer: ProjectLogWriter) -> None:
    writer.write([new_line("old", size=500)])
    [segment] = store.project_logs.trimmer.find(400, NOON, {"shop"})
    writer.write([new_line("new", size=300)])
    assert store.project_logs.trimmer.drop_some(segment)
    assert store.project_logs.trimmer.drop_some(segment)  # another host at the same
    assert messages(store) == ["new"]
    assert store.project_logs.trimmer.find(400, NOON, {"shop"}) == []
    assert [each.bytes for each in store.project_logs.trimmer.find(200, NOON, {"shop"})] == [300]


def test_lines_of_a_deleted_project_are_gone_at_once_also_where_it_is_made_again(
    store: Store, writer: ProjectLogWriter
) -> None:
    writer.write([new_line("of the former")])
    store.projects.delete("shop")
    writer.write([new_line("of nobody"), new_line("of the bank", "bank")])
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    assert messages(store) == []
    writer.write([new_line("of the new")])
    assert messages(store) == ["of the new"]
    _trim(store, MEGABYTE)
    assert (messages(store), _rows(store, "project_logs")) == (["of the new"], 2)


def test_who_has_seen_a_line_has_seen_all_before_it_however_many_write(store: Store, writer: ProjectLogWriter) -> None:
    writers, batches = 4, 15

    def write(name: int) -> None:
        own = store.project_logs.writer(MEGABYTE, DAY)
        for batch in range(batches):
            own.write([new_line(f"{name}-{batch}-{each}") for each in range(20)])

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    last_id = 0
    while len(seen) < writers * batches * 20:
        is_over = not any(thread.is_alive() for thread in threads)
        page = store.project_logs.reader.after("shop", EVERYTHING, 1000, last_id)
        seen += [each.line.message for each in page.lines]
        last_id = page.lines[-1].id if page.lines else last_id
        assert not is_over or page.lines, "lines became visible below one that was seen"
    for thread in threads:
        thread.join()
    assert len(set(seen)) == writers * batches * 20
    assert store.project_logs.reader.last_ids(["shop", "nobody"]) == {"shop": last_id}


def test_lines_wait_for_those_of_another_host_that_have_lower_ids(
    store: Store, writer: ProjectLogWriter, database_kind: str
) -> None:
    writing = threading.Thread(target=writer.write, args=([new_line("late")],))
    with store.database.writing() as session:
        session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})" if database_kind == "postgresql" else "SELECT 1"))
        writing.start()
        writing.join(0.2)
        assert writing.is_alive()
        assert messages(store) == []
    writing.join()
    assert messages(store) == ["late"]
