"""`workerhost dev`."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from workerhost.cli.address import told_in
from workerhost.cli.serving.local import LocalService, Ports
from workerhost.cli.serving.project_watcher import ProjectWatcher
from workerhost.cli.serving.samples import run_samples, sample_projects
from workerhost.client import Client
from workerhost.errors import ConfigurationError, WorkerhostError
from workerhost.settings import load_settings

LOOK_SECONDS = 0.2
"""How often the children are looked at while they run."""


class _Ended(BaseException):
    """Raised when SIGINT or SIGTERM comes."""


@click.command
@click.option(
    "--port",
    type=int,
    envvar="WORKER_SERVICE_PORT",
    help="Port of the control API; else 3011 or the next free.",
)
@click.option("--temporal-port", type=int, help="Port of the Temporal server; else 7233 or the next free.")
@click.option("--ui-port", type=int, help="Port of Temporal's Web UI; else 8233 or the next free.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for databases and logs; else .workerhost. Commands find it by WORKERHOST_DATA_DIR.",
)
@click.option(
    "--projects",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Run the projects of this folder, and publish each again whenever one of its files is saved.",
)
def dev(
    port: int | None, temporal_port: int | None, ui_port: int | None, data_dir: Path | None, projects: Path | None
) -> None:
    """Start everything on this machine and run the samples.

    Starts a Temporal server with its Web UI, a SQLite database, the control API and a host. Workflows and projects
    survive a restart. Ctrl-C stops everything.

    With --projects, each folder <project>/<workflow> of DIR that holds a workflow.py or a drawing belongs to a project,
    and each drawing <project>/<workflow>.json or .yaml. The project is started, and published again whenever a file is
    saved. Runs that are open end on the code that they began on.
    """
    if projects is not None and not projects.is_dir():
        raise ConfigurationError(f"--projects: there is no folder {projects}")
    settings = load_settings(**({"projects_dir": projects} if projects else {}))
    with contextlib.suppress(_Ended), _signals_raise():
        service = LocalService(
            data_dir or settings.data_dir, settings, Ports(port, temporal_port, ui_port), with_ui=True
        )
        with service, told_in(service.folder, service.url):
            _show_samples(service, projects)
            with contextlib.ExitStack() as stack:
                if projects is not None:
                    client = stack.enter_context(Client(service.url))
                    stack.enter_context(ProjectWatcher(client, projects))
                _print_addresses(service)
                _wait(service)
    click.echo("Stopped.")


def _show_samples(service: LocalService, folder: Path | None) -> None:
    samples = sample_projects()
    if not samples:
        click.echo("No plugin brings a sample project; install one with: pip install workerhost-samples")
        return
    # A project that has a folder takes its code from there and from nowhere else.
    shown = [each for each in samples if folder is None or not (folder / each.id).is_dir()]
    if shown:
        with Client(service.url) as client:
            run_samples(client, shown)


def _print_addresses(service: LocalService) -> None:
    click.echo("")
    click.echo(f"  Control API      {service.url}")
    click.echo(f"  Temporal Web UI  {service.ui_url}")
    click.echo(f"  Temporal         {service.temporal.address}")
    click.echo("")
    click.echo("Ready. Press Ctrl-C to stop.")


def _wait(service: LocalService) -> None:
    while True:
        if failure := service.failure():
            raise WorkerhostError(failure)
        time.sleep(LOOK_SECONDS)


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into `_Ended`; further ones are ignored, so that the end is orderly."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        click.echo("\nStopping: running activities end first …")
        raise _Ended

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
