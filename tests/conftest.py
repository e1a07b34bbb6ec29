"""Fixtures beside those of `workerhost.testing`: PostgreSQL, services as real processes, and fleets of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.fleet import Fleet
from support.postgresql import PostgreSQL, postgresql_server
from support.processes import serve
from workerhost import Client
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.store import Store
from workerhost.testing import Api
from workerhost.testing.services import make_tables
from workerhost.words import Isolation

pytest_plugins = ["workerhost.testing"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the same tests run over both kinds of isolation."""
    parser.addoption(
        "--isolation", choices=list(Isolation), default=Isolation.PROCESS, help="Where projects' code runs."
    )


@pytest.fixture
def neighbour(api: Api, project_id: str) -> Iterator[str]:
    """A project beside that of a test, which goes on as if nothing were."""
    neighbour = f"{project_id}-neighbour"
    api.deploy(neighbour)
    assert api.run(neighbour, "Echo", "before") == "echo: before"
    yield neighbour
    assert api.run(neighbour, "Echo", "after") == "echo: after"
    assert api.get(f"/workers/status/{neighbour}")["status"] == "running"


@pytest.fixture
def isolation(request: pytest.FixtureRequest) -> Isolation:
    """Where the code of projects runs, as the command line says."""
    return Isolation(request.config.getoption("--isolation"))


@pytest.fixture(autouse=True)
def artifact_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what the samples write in the test's own folder."""
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
    make_tables(made)
    yield made
    made.close()


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
