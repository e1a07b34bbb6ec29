"""The store keeps its promises on a real database file."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from support import DATABASES, host_record, store_published, worker_record
from support.postgresql import PostgreSQL
from workerhost import BuildSummary, WorkflowCode
from workerhost.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    PublishConflictError,
    StoreUnavailableError,
)
from workerhost.store import Store, WorkerRecord
from workerhost.store.announcements import announcements
from workerhost.store.models import Base, HostRow, WorkerRow
from workerhost.store.moves import MovedRun
from workerhost.testing import eventually


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _build(digest: str = "d1") -> BuildSummary:
    return BuildSummary("shop", digest, {"echo.workflow": "x = 1"}, ("Echo",), ())


def _code(version: str = "1", source: str = "x = 1") -> WorkflowCode:
    return WorkflowCode("echo", version, source)


def _project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


def test_migrations_and_models_agree(store: Store) -> None:
    with store.database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_can_be_repeated(store: Store) -> None:
    assert store.database.upgrade() == store.database.upgrade()


def test_sqlite_writes_ahead_and_checks_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a folder' / 'store.db'}")
    with store.database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    store.close()


def test_at_most_one_version_of_a_workflow_is_active(store: Store) -> None:
    _project(store)
    store_published(store, _code("1"), _build(), None)
    store_published(store, _code("2", "x = 2"), _build("d2"), "d1")
    assert store.workflows.all("shop")[0].active_version == "2"
    with pytest.raises(IntegrityError), store.database.writing() as session:
        session.execute(text("UPDATE workflow_compiled_code SET is_active = true"))
    assert store.workflows.active_code("shop") == (_code("2", "x = 2"),)


def test_a_publish_stores_all_or_nothing(store: Store) -> None:
    _project(store)
    store_published(store, _code("1"), _build("d1"), None)
    with pytest.raises(ConflictError):
        store_published(store, _code("1", "x = 2"), _build("d2"), "d1")
    assert store.projects.get("shop").current_build == "d1"
    assert store.builds.get("shop", "d2") is None


def test_deleting_a_project_deletes_what_belongs_to_it(store: Store) -> None:
    _project(store)
    store_published(store, _code(), _build(), None)
    store.projects.delete("shop")
    with store.database.reading() as session:
        for table in ("workflows", "workflow_compiled_code", "builds"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    with pytest.raises(NotFoundError):
        store.projects.delete("shop")


def test_a_row_that_a_product_inserts_needs_only_what_it_must_know(store: Store) -> None:
    with store.database.writing() as session:
        session.execute(text("INSERT INTO projects (id, task_queue_name) VALUES ('drawn', 'drawn-queue')"))
    project = store.projects.get("drawn")
    assert (project.name, project.desired_state, project.settings) == ("drawn", "stopped", {})


def test_times_come_back_in_utc(store: Store) -> None:
    store.hosts.register(host_record("h1"))
    elsewhere = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with store.database.writing() as session:
        session.get_one(HostRow, "h1").started_at = elsewhere
    with store.database.reading() as session:
        assert session.get_one(HostRow, "h1").started_at == datetime(2026, 1, 1, 10, tzinfo=UTC)


def test_a_publish_on_top_of_another_one_is_refused_and_stores_nothing(store: Store) -> None:
    _project(store)
    store_published(store, _code("1"), _build("d1"), None)
    with pytest.raises(PublishConflictError, match="build d1 is current now"):
        store_published(store, _code("2", "x = 2"), _build("d2"), None)
    assert store.workflows.all("shop")[0].versions == ("1",)
    assert store.projects.get("shop").current_build == "d1"


def test_a_heartbeat_is_one_statement_and_tells_who_is_not_registered(store: Store) -> None:
    store.hosts.register(host_record("h1"))
    [before] = store.hosts.all(lease_timeout=60)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert store.hosts.beat("h1", 7, is_draining=True)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in statements if not statement.startswith("BEGIN")] == ["UPDATE"]
    [after] = store.hosts.all(lease_timeout=60)
    assert after.last_heartbeat is not None
    assert before.last_heartbeat is not None
    assert after.last_heartbeat > before.last_heartbeat
    assert (after.running, after.is_draining) == (7, True)
    assert not store.hosts.beat("unknown", 0, is_draining=False)


def test_hosts_are_late_by_the_database_s_clock(store: Store) -> None:
    store.hosts.register(host_record("h1"))
    assert not store.hosts.all(lease_timeout=60)[0].is_late
    assert eventually(lambda: store.hosts.all(lease_timeout=0.05)[0].is_late)


def test_the_heartbeat_of_workers_reaches_those_of_the_host_and_no_others(store: Store) -> None:
    for host in ("h1", "h2"):
        store.workers.save([worker_record(f"w-{host}", host=host)])
    before = _heartbeats(store)
    store.workers.beat("h1")
    after = _heartbeats(store)
    assert after["w-h1"] > before["w-h1"]
    assert after["w-h2"] == before["w-h2"]


def _heartbeats(store: Store) -> dict[str, Any]:
    with store.database.reading() as session:
        rows = session.execute(text("SELECT worker_id, last_heartbeat FROM workflow_workers")).all()
    return {row.worker_id: row.last_heartbeat for row in rows}


def test_one_of_many_claims_of_a_replica_wins(store: Store) -> None:
    claims = [worker_record(f"w{number}", host=f"h{number}", replica=0) for number in range(8)]
    barrier = threading.Barrier(len(claims))

    def claim(record: WorkerRecord) -> set[str]:
        barrier.wait()
        return store.leases.claim([record])

    with ThreadPoolExecutor(len(claims)) as threads:
        won = [worker_id for each in threads.map(claim, claims) for worker_id in each]
    assert len(won) == 1


def test_claims_of_several_projects_in_any_order_do_not_lock_each_other_out(store: Store) -> None:
    def claim(host: str) -> set[str]:
        projects = [f"p{number}" for number in range(30)]
        random.shuffle(projects)
        return store.leases.claim([worker_record(f"{host}-{each}", each, host, replica=0) for each in projects])

    with ThreadPoolExecutor(4) as threads:
        won = [worker_id for each in threads.map(claim, ["h1", "h2", "h3", "h4"]) for worker_id in each]
    assert len(won) == 30


def test_a_lease_that_was_let_go_can_be_claimed_by_another(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    assert store.leases.claim([worker_record("w1", replica=0)]) == {"w1"}
    assert store.leases.claim([worker_record("w2", host="h2", replica=0)]) == set()
    store.leases.release(["w1"])
    assert store.leases.wanted()[0].leases == ()
    assert store.leases.claim([worker_record("w2", host="h2", replica=0)]) == {"w2"}
    [wanted] = store.leases.wanted("shop")
    assert [(lease.worker_id, lease.host_id) for lease in wanted.leases] == [("w2", "h2")]


def test_a_successor_on_the_same_host_has_the_lease_of_the_worker_before(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.leases.claim([worker_record("w1", replica=3)])
    for _ in range(2):  # also where the answer to the first was lost
        store.leases.hand_on("w1", worker_record("w2"))
    assert [(lease.worker_id, lease.replica) for lease in store.leases.wanted()[0].leases] == [("w2", 3)]


def test_a_worker_that_ends_frees_its_lease_and_one_that_runs_keeps_it(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.leases.claim([worker_record("w1", replica=0)])
    store.workers.save([worker_record("w1", status="running")])
    assert len(store.leases.wanted()[0].leases) == 1
    store.workers.save([worker_record("w1", status="stopping")])
    assert store.leases.wanted()[0].leases == ()


def test_workers_of_lost_hosts_stop_with_the_reason_and_free_their_leases(store: Store) -> None:
    _project(store)
    store.projects.set_desired_state("shop", "running")
    store.hosts.register(host_record("h1"))
    store.leases.claim([worker_record("w1", replica=0)])
    assert [worker.worker_id for worker in store.workers.alive("shop")] == ["w1"]
    assert store.workers.mark_lost(["h1"], "it is gone") == 1
    assert store.workers.alive("shop") == []
    assert store.leases.wanted()[0].leases == ()
    with store.database.reading() as session:
        row = session.get_one(WorkerRow, "w1")
        assert (row.status, row.details, row.replica) == ("stopped", {"reason": "it is gone"}, None)
        assert row.stopped_at is not None


def test_rows_of_workers_that_stopped_are_forgotten_after_a_while(store: Store) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=8)
    store.workers.save([worker_record("old", status="stopped", stopped_at=long_ago)])
    store.workers.save([worker_record("new", status="stopped", stopped_at=datetime.now(UTC))])
    store.workers.save([worker_record("running")])
    assert store.workers.forget(days=7) == 1
    assert _heartbeats(store).keys() == {"new", "running"}


def test_settings_that_are_no_json_harm_their_project_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.database.upgrade()
    for project_id in ("good", "bad"):
        store.projects.put(project_id, name=None, task_queue=None, settings=None)
        store.projects.set_desired_state(project_id, "running")
    with store.database.writing() as session:
        session.execute(text("UPDATE projects SET settings = 'nonsense' WHERE id = 'bad'"))
    assert [each.project.settings for each in store.leases.wanted()] == ["nonsense", {}]
    store.close()


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_what_postgresql_asks_to_try_again_is_tried_again(postgresql: PostgreSQL, code: str) -> None:
    store = Store(postgresql.create_database())
    tries = []

    def work(session: Session) -> str:
        tries.append(code)
        if len(tries) < 3:
            session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = '{code}'; END $$"))
        return "done"

    assert store.database.write(work) == "done"
    assert len(tries) == 3
    store.close()


def test_connections_that_the_server_cut_are_opened_again(postgresql: PostgreSQL) -> None:
    store = Store(postgresql.create_database())
    store.database.upgrade()
    _project(store)

    def cut_and_count(session: Session) -> int:
        if not cuts:
            cuts.append(1)
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return int(session.scalar(text("SELECT count(*) FROM projects")) or 0)

    cuts: list[int] = []
    assert store.database.write(cut_and_count) == 1
    store.close()


def test_a_connection_that_was_cut_while_it_rested_is_not_used(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workerhost.store.database.REST_SECONDS", 0.0)
    url = postgresql.create_database()
    store, other = Store(url), Store(url)
    store.database.upgrade()
    with other.database.writing() as session:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        session.execute(text(f"{cut} AND pid <> pg_backend_pid()"))
    assert store.projects.all() == []
    for each in (store, other):
        each.close()


def test_more_calls_than_connections_wait_and_then_get_a_sentence(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workerhost.store.database.CONNECT_SECONDS", 1)
    store = Store(postgresql.create_database(), connections=2)
    store.database.upgrade()
    with store.database.reading() as one, store.database.reading() as two:
        one.execute(text("SELECT 1"))
        two.execute(text("SELECT 1"))
        with pytest.raises(StoreUnavailableError, match="WORKERHOST_DATABASE_CONNECTIONS"):
            store.projects.all()
    assert store.projects.all() == []
    store.close()


def test_a_postgresql_without_tables_says_how_to_make_them(postgresql: PostgreSQL) -> None:
    store = Store(postgresql.create_database())
    with pytest.raises(StoreUnavailableError, match="workerhost db upgrade"):
        store.projects.all()
    store.close()


def test_hosts_that_start_together_migrate_one_after_the_other(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as threads:
        assert len(set(threads.map(lambda store: store.database.upgrade(), stores))) == 1
    for store in stores:
        store.close()


def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'folder.db'}")
    with pytest.raises(StoreUnavailableError, match="does not answer"):
        store.projects.all()


def test_a_database_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(StoreUnavailableError, match="workerhost db upgrade"):
        store.projects.all()
    store.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_does_not_fit_is_a_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Store(url)


def test_postgresql_tells_other_hosts_at_once_what_has_changed(postgresql: PostgreSQL) -> None:
    address = postgresql.create_database()
    mine, other = Store(address), Store(address)
    mine.database.upgrade()
    _project(mine)
    run = MovedRun("run", "id", "Echo", "d1", "d2")
    stop, heard = threading.Event(), list[str]()

    def listen() -> None:
        for project_id in announcements(mine.database, stop):
            heard.append(project_id)
            stop.set()

    with ThreadPoolExecutor(1) as executor:
        listening = executor.submit(listen)
        try:
            # Again and again, since nothing tells when the other side has begun to listen.
            eventually(lambda: listening.done() or not other.moves.add_run("shop", run))
        finally:
            stop.set()
        listening.result()
    assert heard[0] == "shop"
    mine.close()
    other.close()
