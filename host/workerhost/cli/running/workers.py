"""`workerhost start`, `stop` and `restart`: a project's worker."""

import click

from workerhost.answers import WorkerCommandResult, WorkerInfo
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import said_when_slow, short
from workerhost.words import WorkerStatus

timeout_option = click.option(
    "--timeout", type=click.FloatRange(0, 300), help="Seconds to wait; else what the service is set to."
)


@click.command
@project_argument
@timeout_option
@service_options
def start(*, project: str, timeout: float | None, url: str | None, as_json: bool) -> None:
    """Start a project's worker on its active code.

    Waits until the worker of PROJECT takes tasks. One that runs already takes over the active code, if that is new.
    """
    with connect(url) as client, said_when_slow(f"Starting the worker of project {project} …", quiet=as_json):
        before = client.status(project)
        done = client.start(project, timeout=timeout)
        now = client.status(project)
    if as_json:
        show_json(done.raw)
    else:
        click.echo(_what_a_start_did(before, done, now))


@click.command
@project_argument
@timeout_option
@service_options
def stop(*, project: str, timeout: float | None, url: str | None, as_json: bool) -> None:
    """Stop a project's worker.

    Waits until the worker of PROJECT has ended its activities. Open runs wait until it is started again.
    """
    with connect(url) as client, said_when_slow(f"Stopping the worker of project {project} …", quiet=as_json):
        before = client.status(project)
        done = client.stop(project, timeout=timeout)
    if as_json:
        show_json(done.raw)
    elif before.status == WorkerStatus.STOPPED and done.status is None:
        click.echo(f"Worker of project {project} is stopped already")
    else:
        click.echo(done.message)


@click.command
@project_argument
@timeout_option
@service_options
def restart(*, project: str, timeout: float | None, url: str | None, as_json: bool) -> None:
    """Give a project a new worker, without a gap."""
    with connect(url) as client, said_when_slow(f"Restarting the worker of project {project} …", quiet=as_json):
        done = client.restart(project, timeout=timeout)
    show_json(done.raw) if as_json else click.echo(done.message)


def _what_a_start_did(before: WorkerInfo, done: WorkerCommandResult, now: WorkerInfo) -> str:
    if not before.is_running or done.status is not None:
        return done.message
    if now.build_id != before.build_id:
        return f"Worker of project {before.project_id} runs already; new runs take build {short(now.build_id)} now"
    return f"Worker of project {before.project_id} runs already"
