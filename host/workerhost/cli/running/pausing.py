"""`workerhost pause` and `resume`: having a project, or one run, wait."""

import click

from workerhost.cli.completion import complete_open_runs
from workerhost.cli.connection import connect, project_argument, service_options, show_json

run_or_none = click.argument("workflow_id", metavar="[WORKFLOW_ID]", required=False, shell_complete=complete_open_runs)
"""The workflow id of a run; without it the project is meant."""


@click.command
@project_argument
@run_or_none
@click.option("--reason", help="Why, for those who look at it later.")
@service_options
def pause(*, project: str, workflow_id: str | None, reason: str | None, url: str | None, as_json: bool) -> None:
    """Have a project wait, or one of its runs.

    All runs of PROJECT wait, and what is started meanwhile, until `workerhost resume`. With WORKFLOW_ID that run alone
    waits, where Temporal's server can do that.
    """
    with connect(url) as client:
        done = (
            client.pause_run(project, workflow_id, reason=reason)
            if workflow_id
            else client.pause(project, reason=reason)
        )
    show_json(done.raw) if as_json else click.echo(done.message)


@click.command
@project_argument
@run_or_none
@service_options
def resume(*, project: str, workflow_id: str | None, url: str | None, as_json: bool) -> None:
    """Have a paused project go on, or one of its runs."""
    with connect(url) as client:
        done = client.resume_run(project, workflow_id) if workflow_id else client.resume(project)
    show_json(done.raw) if as_json else click.echo(done.message)
