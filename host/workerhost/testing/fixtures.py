"""The pytest fixtures. Their docstrings are what `pytest --fixtures` shows."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from workerhost.code.warm_process import WarmProcess
from workerhost.plugins import create_plugins
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings, variable_name
from workerhost.testing.api import Api
from workerhost.testing.helpers import free_port, unique_id
from workerhost.testing.services import running_service
from workerhost.words import Isolation

PREFIXES = ("OTEL_", "TEMPORAL_", "WORKERHOST_")


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Keep the variables of whoever runs the tests from them: the settings of a service, and those of Temporal and
    OpenTelemetry.

    Used by every test without being named. A test sets variables of its own with `monkeypatch`.
    """
    settings = {variable_name(field) for field in Settings.model_fields}
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(PREFIXES) or name in settings:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """A Temporal server for all tests of this process, without a Web UI; its `address` is where clients connect.

    Tests do not meet on it as long as their projects have different ids, which `project_id` takes care of.
    """
    server = EmbeddedTemporal(tmp_path_factory.mktemp("temporal"), free_port(), None)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def warm_process() -> Iterator[WarmProcess]:
    """The process that forks checks and project processes for all services of a test process; it starts in a second."""
    process = WarmProcess(create_plugins().code_modules())
    yield process
    process.stop()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The address of a SQLite file of the test's own. Override it to test on PostgreSQL."""
    return f"sqlite:///{tmp_path / 'database' / 'workerhost.db'}"


@pytest.fixture
def isolation() -> Isolation:
    """Where the code of projects runs: in processes of their own. Override it to have it in the process of the test."""
    return Isolation.PROCESS


@pytest.fixture
def settings(database_url: str, tmp_path: Path, isolation: Isolation) -> Settings:
    """Settings for `service`, with short times, so that a test that waits for one is not slow.

    The folder of projects is `projects` below `tmp_path`. Override this fixture to change a setting:
    `return settings.model_copy(update={"drain_timeout": 1})`.
    """
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "data",
        projects_dir=tmp_path / "projects",
        check_timeout=5,
        drain_timeout=5,
        reconcile_interval=0.2,
        heartbeat_interval=0.5,
        isolation=isolation,
    )


@pytest.fixture
def plugins() -> Mapping[str, object]:
    """Plugins that `service` has beside the installed ones: none.

    Override it to give plugins that are not installed, by name: `return {"greetings": workerhost_greetings}`.
    Each is a module, or an object with methods that are marked with `@hookimpl`.
    """
    return {}


@pytest.fixture
def service(
    temporal: EmbeddedTemporal,
    settings: Settings,
    plugins: Mapping[str, object],
    warm_process: WarmProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Service]:
    """A started service in this process, with the installed plugins and those of `plugins`.

    It uses the Temporal server of `temporal`, has a database of the test's own and is stopped after the test, also
    after one that fails. A worker that does not end in time is an error of the test.
    """
    for name, value in temporal.environment().items():
        if name.startswith("TEMPORAL_"):
            monkeypatch.setenv(name, value)
    with running_service(settings, plugins, warm_process) as running:
        yield running


@pytest.fixture
def api(service: Service) -> Api:
    """The control API of `service`: `get`, `put`, `post` and `delete`; and `deploy`, `run` and more for projects."""
    return Api.of(service)


@pytest.fixture
def project_id() -> str:
    """An id of a project that no other test uses."""
    return unique_id("project")
