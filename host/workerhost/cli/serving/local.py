"""A whole workerhost on this machine: the embedded Temporal server and `workerhost serve`, as child processes."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from workerhost.client import ApiError, Client
from workerhost.client.calls.projects import ready
from workerhost.errors import ConfigurationError
from workerhost.processes import choose_port, die_with_parent, end
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings

START_SECONDS = 60
LOCK_SECONDS = 15
LOOK_SECONDS = 0.05
"""How often the children are looked at while they start."""


@dataclass(frozen=True)
class Ports:
    """The ports that the user named; None for the next free one."""

    api: int | None = None
    temporal: int | None = None
    ui: int | None = None


class LocalService:
    """The embedded Temporal server and `workerhost serve`, as children of this process.

    A context manager that starts them and ends them in order. Belongs to the main thread.

    Args:
        folder: holds the databases and logs; one local service at a time uses it.
        settings: of the service; its database is in the folder, whatever DATABASE_URL says.
        ports: that the user named.
        with_ui: whether Temporal's Web UI is served.

    Attributes:
        folder: with its whole path.
        url: of the control API.
    """

    def __init__(self, folder: Path, settings: Settings, ports: Ports, *, with_ui: bool) -> None:
        self.folder = folder.absolute()
        self._settings = settings
        api = choose_port("the control API", ports.api, settings.port)
        temporal = choose_port("Temporal", ports.temporal, 7233, taken=[api])
        ui = choose_port("Temporal's Web UI", ports.ui, 8233, taken=[api, temporal]) if with_ui else None
        self.url = f"http://127.0.0.1:{api}"
        self.ui_url = f"http://127.0.0.1:{ui}" if ui else None
        self.temporal = EmbeddedTemporal(self.folder, temporal, ui)
        self._port = api
        self._process: subprocess.Popen[bytes] | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "LocalService":
        with contextlib.ExitStack() as stack:
            lock = stack.enter_context(folder_lock(self.folder))
            stack.callback(self.temporal.stop)
            click.echo("Starting the embedded Temporal server …")
            self.temporal.start()
            stack.callback(self._stop_service)
            click.echo("Starting the control API and the host …")
            self._start_service(lock)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def failure(self) -> str | None:
        """Say which child has ended, or None while both live."""
        if failure := self.temporal.failure():
            return failure
        if self._process is not None and self._process.poll() is not None:
            return f"the control API ended with exit code {self._process.returncode}"
        return None

    def _start_service(self, lock: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "workerhost", "serve", "--port", str(self._port), "--die-with-parent"],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # so that Ctrl-C reaches this process alone, which ends its children in order
            preexec_fn=die_with_parent,  # noqa: PLW1509  this process has one thread
            pass_fds=[lock],
        )
        deadline = time.monotonic() + START_SECONDS
        with Client(self.url, retries=0) as client:
            while True:
                with contextlib.suppress(ApiError):
                    client.send(ready())
                    return
                if failure := self.failure():
                    raise ConfigurationError(failure)
                if time.monotonic() > deadline:
                    raise ConfigurationError(f"the control API was not ready within {START_SECONDS} s")
                time.sleep(LOOK_SECONDS)

    def _stop_service(self) -> None:
        if self._process is not None:
            end(self._process, 2 * self._settings.drain_timeout)

    def environment(self) -> dict[str, str]:
        """Return the environment of this process, with the database and the Temporal server of this folder in it."""
        projects = self._settings.projects_dir
        return {
            "WORKERHOST_SHOW_PROJECT_LINES": "true",
            **self.temporal.environment(),
            **({"WORKERHOST_PROJECTS_DIR": str(projects.absolute())} if projects else {}),
            # Whoever types the command sees what matters in its own lines, and not each request of theirs.
            "WORKERHOST_LOG_REQUESTS": os.environ.get("WORKERHOST_LOG_REQUESTS", "false"),
            "WORKERHOST_LOG_FORMAT": os.environ.get("WORKERHOST_LOG_FORMAT", "console"),
            "DATABASE_URL": f"sqlite:///{self.folder / 'workerhost.db'}",
            "WORKERHOST_BIND": "127.0.0.1",
        }


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[int]:
    """Lock the folder and yield the lock's descriptor; the lock holds while a process lives that has inherited it.

    Children of a process that was killed may hold the lock for a moment longer; this waits for them.

    Raises:
        ConfigurationError: another local service uses the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, folder)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    said = False
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"another workerhost uses {folder}; stop it, or name another folder with --data-dir"
            )
        if not said:
            click.echo(f"Waiting for another workerhost to let go of {folder} …")
            said = True
        time.sleep(LOOK_SECONDS)
