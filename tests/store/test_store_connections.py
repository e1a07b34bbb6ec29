"""Databases that go away, are busy, empty or wrong: a try again, or a sentence."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from support import DATABASES
from support.postgresql import PostgreSQL
from workerhost.errors import (
    ConfigurationError,
    StoreUnavailableError,
)
from workerhost.store import Store
from workerhost.store.announcements import announcements
from workerhost.store.moves import MovedRun
from workerhost.testing import eventually


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


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


STOPPED = """
import sys
from sqlalchemy import text
from workerhost.store import Store, connection_watch, database

database.SILENT_SECONDS, connection_watch.LOOK_SECONDS = 1.0, 0.1
store = Store(sys.argv[1])
with store.database.reading() as session:
    session.execute(text("SELECT 1"))
    print("taken", flush=True)
    sys.stdin.readline()
    session.execute(text("SELECT pg_sleep(0.5)"))  # some looks of the watch
store.close()
"""


def test_a_connection_is_not_taken_for_silent_because_its_process_was_stopped(postgresql: PostgreSQL) -> None:
    command = [sys.executable, "-c", STOPPED, postgresql.create_database()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(2)  # twice as long as one may be silent
        process.send_signal(signal.SIGCONT)
        process.communicate("\n", timeout=60)
    assert process.returncode == 0


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
