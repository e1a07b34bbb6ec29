"""The store keeps its promises on a real database file."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from workerhost import BuildSummary, WorkflowCode
from workerhost.errors import ConfigurationError, ConflictError, NotFoundError, StoreUnavailableError
from workerhost.store import Store, WorkerRecord
from workerhost.store.models import Base, HostRow


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = Store(f"sqlite:///{tmp_path / 'a folder' / 'store.db'}")
    made.database.upgrade()
    yield made
    made.close()


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


def test_sqlite_writes_ahead_and_checks_foreign_keys(store: Store) -> None:
    with store.database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_at_most_one_version_of_a_workflow_is_active(store: Store) -> None:
    _project(store)
    store.workflows.publish(_code("1"), _build())
    store.workflows.publish(_code("2", "x = 2"), _build("d2"))
    assert store.workflows.all("shop")[0].active_version == "2"
    with pytest.raises(IntegrityError), store.database.writing() as session:
        session.execute(text("UPDATE workflow_compiled_code SET is_active = true"))
    assert store.workflows.active_code("shop") == (_code("2", "x = 2"),)


def test_a_publish_stores_all_or_nothing(store: Store) -> None:
    _project(store)
    store.workflows.publish(_code("1"), _build("d1"))
    with pytest.raises(ConflictError):
        store.workflows.publish(_code("1", "x = 2"), _build("d2"))
    assert store.projects.get("shop").current_build == "d1"
    assert store.builds.get("shop", "d2") is None


def test_deleting_a_project_deletes_what_belongs_to_it(store: Store) -> None:
    _project(store)
    store.workflows.publish(_code(), _build())
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
    store.hosts.register("h1", "here", 1)
    elsewhere = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with store.database.writing() as session:
        session.get_one(HostRow, "h1").started_at = elsewhere
    with store.database.reading() as session:
        assert session.get_one(HostRow, "h1").started_at == datetime(2026, 1, 1, 10, tzinfo=UTC)


def test_a_heartbeat_reaches_the_host_and_its_workers_and_no_others(store: Store) -> None:
    for host in ("h1", "h2"):
        store.hosts.register(host, "here", 1)
        store.workers.save(
            [WorkerRecord(f"w-{host}", "shop", "shop-queue", "running", host, "here", 1, datetime.now(UTC))]
        )
    before = _heartbeats(store)
    assert store.hosts.beat("h1")
    after = _heartbeats(store)
    assert after["w-h1"] > before["w-h1"]
    assert after["w-h2"] == before["w-h2"]
    assert not store.hosts.beat("unknown")


def _heartbeats(store: Store) -> dict[str, str]:
    with store.database.reading() as session:
        rows = session.execute(text("SELECT worker_id, last_heartbeat FROM workflow_workers")).all()
    return {row.worker_id: row.last_heartbeat for row in rows}


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
