"""The store keeps its promises on a real database: tables, projects and code."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from support import DATABASES, host_record, store_published
from workerhost import BuildSummary, WorkflowCode
from workerhost.errors import (
    ConflictError,
    NotFoundError,
    PublishConflictError,
)
from workerhost.store import Store
from workerhost.store.models import Base, HostRow


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


def test_what_the_types_of_a_build_take_is_kept_with_it_and_may_be_added_later(store: Store) -> None:
    _project(store)
    types = {"workflows": [{"name": "Echo", "arguments": {"schema": {"title": "ä\n\ufffd"}}}]}
    store.builds.add(_build("d1"))
    store.builds.add(replace(_build("d2"), types=types))
    assert store.builds.types("shop", "d1") is None
    assert store.builds.types("shop", "d2") == types
    assert store.builds.types("shop", "d3") is None
    store.builds.set_types(replace(_build("d1"), types=types))
    assert store.builds.types("shop", "d1") == types
    assert store.builds.get("shop", "d1") == _build("d1"), "they are read where they are asked for alone"


def test_modules_are_part_of_what_a_version_is(store: Store) -> None:
    _project(store)
    plain = _code("1")
    code = replace(_code("2"), modules={"models": "m = 'ä'", "..shared": ""})
    store_published(store, plain, _build("d1"), None)
    store_published(store, code, _build("d2"), "d1")
    assert store.workflows.active_code("shop") == (code,)
    assert store.workflows.code("shop", "echo", "1") == plain
    found = store.workflows.version("shop", "echo", "2")
    assert (found.code, found.is_active) == (code, True)
    store.workflows.refuse_other_code("shop", code)
    for other in (_code("2"), replace(code, modules={"models": "m = 'a'", "..shared": ""}), replace(code, version="1")):
        with pytest.raises(ConflictError, match="exists with other code"):
            store.workflows.refuse_other_code("shop", other)
    with store.database.reading() as session:
        assert session.scalars(text("SELECT modules IS NULL FROM workflow_compiled_code ORDER BY version")).all() == [
            True,
            False,
        ]


def test_rows_of_products_have_modules_or_none(store: Store) -> None:
    _project(store)
    insert = "INSERT INTO workflow_compiled_code (workflow_id, version, workflow_code, is_active"
    with store.database.writing() as session:
        for name in ("absent", "empty", "null", "some"):
            session.execute(text(f"INSERT INTO workflows (id, project_id, name) VALUES ('{name}', 'shop', '{name}')"))
        session.execute(text(f"{insert}) VALUES ('absent', '1', 'x', true)"))
        for name, modules in (("empty", None), ("null", "null"), ("some", '{"models": "m"}')):
            row = text(f"{insert}, modules) VALUES ('{name}', '1', 'x', true, :modules)")
            session.execute(row, {"modules": modules})
    found = store.workflows.active_code("shop")
    assert [code.modules for code in found] == [{}, {}, {}, {"models": "m"}]


def test_what_there_is_none_of_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="project shop does not exist"):
        store.workflows.version("shop", "echo", "1")
    _project(store)
    with pytest.raises(NotFoundError, match="project shop has no workflow echo"):
        store.workflows.version("shop", "echo", "1")
    store_published(store, _code("1"), _build("d1"), None)
    with pytest.raises(NotFoundError, match="workflow echo has no version 2"):
        store.workflows.version("shop", "echo", "2")


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
