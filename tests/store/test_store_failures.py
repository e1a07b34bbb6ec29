"""What the store says when its database or its URL is not as it should be."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.orm import Session

from support import DATABASES, store_published
from workerhost import WorkflowCode
from workerhost.errors import ConfigurationError, StoreUnavailableError, WorkerhostError
from workerhost.model import BuildSummary
from workerhost.store import Store, database
from workerhost.store.models import Base, UtcDateTime

TABLES = {
    "projects": {"id", "name", "task_queue_name", "desired_state", "settings"},
    "workflows": {"id", "project_id", "name"},
    "workflow_compiled_code": {
        "workflow_id",
        "version",
        "workflow_code",
        "activities_code",
        "modules",
        "is_active",
        "compiled_at",
    },
    "workflow_workers": {
        "worker_id",
        "project_id",
        "task_queue_name",
        "status",
        "host",
        "process_id",
        "started_at",
        "stopped_at",
        "last_heartbeat",
        "metadata",
    },
    "activity_statistics": set(),
    "hosts": set(),
}
"""Tables and columns of the contract."""


def _same_type(_context: Any, _column: Any, _stored: Any, _type: Any, metadata_type: Any) -> bool | None:
    """Tell Alembic that our decorated times are the times of the migration; it judges the other types itself."""
    return False if isinstance(metadata_type, UtcDateTime) else None


def test_an_empty_file_becomes_the_tables_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.touch()
    store = Store(f"sqlite:///{path}")
    store.database.upgrade()
    store.close()
    connection = sqlite3.connect(path)
    for table, columns in TABLES.items():
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        assert found, f"there is no table {table}"
        assert found >= columns
    connection.close()


def test_types_of_models_and_migrations_agree(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.database.upgrade()
    with store.database.reading() as session:
        options = {"compare_type": _same_type}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []
    store.close()


def test_an_upgrade_keeps_what_is_stored(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.database.upgrade()
    store.projects.put("shop", name="The shop", task_queue=None, settings=None)
    store.database.upgrade()
    assert store.projects.get("shop").name == "The shop"
    store.close()


def test_a_newer_schema_is_refused_with_a_sentence_and_left_alone(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.database.upgrade()
    with store.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(ConfigurationError, match=r"from-the-future.*upgrade workerhost"):
        store.database.upgrade()
    with store.database.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "from-the-future"
    store.close()


def test_a_file_that_is_no_database_is_unavailable_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Ada, this is a letter. " * 200)
    store = Store(f"sqlite:///{path}")
    for use in (store.database.ping, store.projects.all, store.database.upgrade):
        with pytest.raises(WorkerhostError):
            use()
    with pytest.raises(StoreUnavailableError):
        store.database.ping()
    store.close()
    assert path.read_bytes().startswith(b"Dear Ada")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql://user:s3cret@host:port/name",
        "postgresql+nothing://user:s3cret@host/name",
        "sqlite+nothing:///x.db",
        "oracle://user:s3cret@host/name",
        "file:///x.db",
    ],
)
def test_a_url_that_cannot_be_used_is_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL") as caught:
        Store(url)
    assert "s3cret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        Store(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


def test_a_write_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    store.database.upgrade()
    store.projects.put("shop", name=None, task_queue=None, settings=None)
    build = BuildSummary("shop", "d1", {"echo.workflow": object()}, (), ())
    with pytest.raises(Exception, match="JSON serializable"):
        store_published(store, WorkflowCode("echo", "1", "x = 1"), build, None)
    assert store.workflows.all("shop") == []
    store.close()


_FILLING = {
    "sqlite": ("PRAGMA max_page_count = 1", "CREATE TABLE filling AS SELECT zeroblob(1000000)"),
    "postgresql": ("SELECT 1", "DO $$ BEGIN RAISE disk_full; END $$"),
}


@pytest.mark.parametrize("database_kind", DATABASES)
def test_a_disk_that_is_full_is_called_so(store: Store, database_kind: str) -> None:
    limit, fill = map(text, _FILLING[database_kind])

    def work(session: Session) -> None:
        session.execute(limit)
        session.execute(fill)

    with pytest.raises(StoreUnavailableError, match="the disk of the database is full"):
        store.database.write(work)
    assert store.projects.all() == []


def test_a_file_that_another_process_locks_is_called_so_and_keeps_nobody_for_long_at_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "HURRY_SECONDS", 0.1)
    assert store.projects.all() == []  # over a connection that waits for as long as ever
    store.database.hurry()
    with closing(sqlite3.connect(str(store.database.url.database), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="another process keeps the database locked"):
            store.projects.put("shop", name=None, task_queue=None, settings=None)
        assert time.monotonic() - began < database.BUSY_SECONDS / 2
        assert store.projects.all() == []
    store.projects.put("shop", name=None, task_queue=None, settings=None)
