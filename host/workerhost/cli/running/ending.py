"""`workerhost cancel` and `terminate`: ending a run."""

import click

from workerhost.cli.connection import connect, open_run_argument, project_argument, service_options, show_json

reason_option = click.option("--reason", help="Why, for those who look at the run later.")


@click.command
@project_argument
@open_run_argument
@reason_option
@service_options
def cancel(*, project: str, workflow_id: str, reason: str | None, url: str | None, as_json: bool) -> None:
    """Ask an open run to end in good order.

    The code of the run WORKFLOW_ID of PROJECT learns of it, and may tidy up first.
    """
    with connect(url) as client:
        done = client.cancel(project, workflow_id, reason=reason)
    show_json(done.raw) if as_json else click.echo(done.message)


@click.command
@project_argument
@open_run_argument
@reason_option
@service_options
def terminate(*, project: str, workflow_id: str, reason: str | None, url: str | None, as_json: bool) -> None:
    """End an open run at once.

    The code of the run WORKFLOW_ID of PROJECT does not learn of it.
    """
    with connect(url) as client:
        done = client.terminate(project, workflow_id, reason=reason)
    show_json(done.raw) if as_json else click.echo(done.message)
