"""`workerhost signal`, `query` and `update`: saying something to a run."""

from typing import TextIO

import click

from workerhost.cli.connection import (
    connect,
    open_run_argument,
    project_argument,
    run_argument,
    service_options,
    show_json,
)
from workerhost.cli.running.arguments import arguments_option, given_arguments, unchecked_option
from workerhost.cli.running.explaining import explained, taken_by_run
from workerhost.words import MessageKind


@click.command
@project_argument
@open_run_argument
@click.argument("name")
@arguments_option
@unchecked_option
@service_options
def signal(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_id: str,
    name: str,
    args: tuple[str, ...],
    args_json: TextIO | None,
    unchecked: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Send a signal to an open run.

    Sends the signal NAME to the run WORKFLOW_ID of PROJECT. Each of ARGS is JSON, or text where it is no JSON.
    """
    values = given_arguments(args, args_json)
    with (
        connect(url) as client,
        explained(args, lambda: taken_by_run(client, project, workflow_id, MessageKind.SIGNAL, name)),
    ):
        sent = client.signal(project, workflow_id, name, *values, unchecked=unchecked)
    show_json(sent.raw) if as_json else click.echo(sent.message)


@click.command
@project_argument
@run_argument
@click.argument("name")
@arguments_option
@unchecked_option
@service_options
def query(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_id: str,
    name: str,
    args: tuple[str, ...],
    args_json: TextIO | None,
    unchecked: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Ask a run, and print its answer as JSON.

    Asks the latest run WORKFLOW_ID of PROJECT the query NAME. Each of ARGS is JSON, or text where it is no JSON.
    """
    values = given_arguments(args, args_json)
    with (
        connect(url) as client,
        explained(args, lambda: taken_by_run(client, project, workflow_id, MessageKind.QUERY, name)),
    ):
        answer = client.query(project, workflow_id, name, *values, unchecked=unchecked)
    show_json({"result": answer} if as_json else answer)


@click.command
@project_argument
@open_run_argument
@click.argument("name")
@arguments_option
@click.option("--id", "update_id", metavar="ID", help="Names the update: one that was sent is not sent again.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 280),
    default=30,
    show_default=True,
    help="Seconds to wait for the end of the update.",
)
@unchecked_option
@service_options
def update(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_id: str,
    name: str,
    args: tuple[str, ...],
    args_json: TextIO | None,
    update_id: str | None,
    timeout: float,
    unchecked: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Have an open run take an update, and print what it returns as JSON.

    Sends the update NAME to the run WORKFLOW_ID of PROJECT, and waits for its end. Each of ARGS is JSON, or text where
    it is no JSON.
    """
    values = given_arguments(args, args_json)
    with (
        connect(url) as client,
        explained(args, lambda: taken_by_run(client, project, workflow_id, MessageKind.UPDATE, name)),
    ):
        answer = client.update(
            project, workflow_id, name, *values, update_id=update_id, timeout=timeout, unchecked=unchecked
        )
    if as_json:
        show_json(answer.raw)
    elif answer.status == "completed":
        show_json(answer.result)
    else:
        click.echo(f"The update {name} is {answer.status}, and goes on; its id is {answer.update_id}", err=True)
