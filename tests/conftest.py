"""Fixtures: a real Temporal server for each test process, and services on real database files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import Api, free_port, unique_id
from support.fleet import Fleet
from support.postgresql import PostgreSQL, postgresql_server
from support.processes import serve
from workerhost import Client
from workerhost.api.app import create_app
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.store import Store


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """One server for all tests of this process; projects of different tests have different queues."""
    server = EmbeddedTemporal(tmp_path_factory.mktemp("temporal"), free_port(), None)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the settings of whoever runs the tests out of them, and what they write in their own folder."""
    for name in list(os.environ):
        if name.startswith(("TEMPORAL_", "WORKERHOST_")) or name in ("DATABASE_URL", "WORKER_SERVICE_PORT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WORKERHOST_SAMPLES_ARTIFACT_DIRECTORY", str(tmp_path / "artifacts"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """One server for all tests of this process; each test has a database of its own."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A server that a test may stop."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def database_kind() -> str:
    """Modules whose tests run on both databases have a fixture of this name with both as its parameters."""
    return "sqlite"


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database of the test's own."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'database' / 'workerhost.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables, and nothing in them."""
    made = Store(database_url)
    made.database.upgrade()
    yield made
    made.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings with a database of its own; times are short, so that a test that waits for one is not slow."""
    return Settings(
        database_url=database_url,
        projects_dir=tmp_path / "projects",
        check_timeout=5,
        drain_timeout=5,
        reconcile_interval=0.2,
        heartbeat_interval=0.5,
    )


@pytest.fixture
def service(temporal: EmbeddedTemporal, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A started service in this process, on the shared Temporal server."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    made = Service(settings)
    made.store.database.upgrade()
    made.start()
    yield made
    assert made.stop(), "some workers did not end in time"


@pytest.fixture
def api(service: Service) -> Api:
    """The service's control API."""
    return Api(create_app(service).test_client())


@pytest.fixture
def project_id() -> str:
    """An id that no other test uses."""
    return unique_id("project")


@pytest.fixture(scope="module")
def service_url(tmp_path_factory: pytest.TempPathFactory, temporal: EmbeddedTemporal) -> Iterator[str]:
    """The address of a service in processes of its own, which the tests of a module share."""
    with serve(tmp_path_factory.mktemp("service"), temporal) as (process, rest):
        yield rest.url
        assert process.end() == 0


@pytest.fixture
def client(service_url: str) -> Iterator[Client]:
    """The Python client of that service."""
    with Client(service_url) as made:
        yield made


@pytest.fixture
def fleet(tmp_path: Path, temporal: EmbeddedTemporal, database_url: str) -> Iterator[Fleet]:
    made = Fleet(tmp_path, temporal, database_url)
    yield made
    made.close()
