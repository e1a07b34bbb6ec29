"""`workerhost deploy`."""

import json
from pathlib import Path
from typing import Any

import click

from workerhost.answers import DeployResult
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import said_when_slow, show_table
from workerhost.cli.publishing.compiling import show_problems
from workerhost.client import Smoke
from workerhost.folders import read_folder


def _read_json(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(value) for value in values)
    except ValueError as error:
        raise click.BadParameter("must be JSON; text is written as '\"text\"'", param=parameter) from error


@click.command
@project_argument
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--version", help="Version of all workflows; else each has a digest of its files.")
@click.option("--dry-run", is_flag=True, help="Check everything and store nothing; the project must exist.")
@click.option("--smoke", metavar="TYPE", help="Workflow type that must complete on the new code before it goes live.")
@click.option(
    "--smoke-arg",
    "smoke_args",
    metavar="JSON",
    multiple=True,
    callback=_read_json,
    help="An argument of the --smoke run; give the option again for each further one.",
)
@click.option(
    "--smoke-timeout",
    type=click.FloatRange(0, 280, min_open=True),
    default=60,
    show_default=True,
    help="Seconds that the --smoke run may take.",
)
@click.option(
    "--ramp",
    metavar="PERCENT",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    help="Share of new runs that take the new code, until `workerhost promote` or `rollback`.",
)
@click.option("--no-start", is_flag=True, help="Do not start the project.")
@service_options
def deploy(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    folder: Path,
    version: str | None,
    dry_run: bool,
    smoke: str | None,
    smoke_args: tuple[Any, ...],
    smoke_timeout: float,
    ramp: float | None,
    no_start: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Publish the workflows of a folder and start them.

    DIR holds a folder for each workflow, with workflow.py and, if there are activities, activities.py, and with any
    further modules and subfolders of them. In place of workflow.py there may be a drawing, as workflow.json or
    workflow.yaml; and a drawing without code of its own may stand in DIR itself, as <workflow>.json or .yaml. Modules
    that stand in DIR itself belong to all workflows. What looks like code or a drawing and is left out is named. All
    workflows go live together. PROJECT is created if it is missing; its workflows that are not in DIR stay as they
    are. Code that does not load is refused with module and line, a drawing with what is wrong with each node, and what
    runs goes on.
    """
    if smoke_args and not smoke:
        raise click.UsageError("--smoke-arg is an argument of the run that --smoke names")
    trial = Smoke(smoke, smoke_args, smoke_timeout) if smoke else None
    for sentence in read_folder(folder).left_out:
        click.echo(sentence, err=True)
    with connect(url) as client, said_when_slow(f"Publishing {folder} to project {project} …", quiet=as_json):
        deployed = client.deploy(
            project, folder, version=version, start=not no_start, dry_run=dry_run, smoke=trial, ramp=ramp
        )
    if as_json:
        show_json(deployed.raw)
    else:
        _report(deployed)


def _report(deployed: DeployResult) -> None:
    click.echo(deployed.message)
    show_table(("WORKFLOW", "VERSION"), [(each.workflow_id, each.version) for each in deployed.workflows])
    click.echo(f"Build {deployed.build_id}")
    show_problems(deployed.warnings, "Warning")
    if deployed.smoke:
        took = f" after {deployed.smoke.duration_ms:g} ms" if deployed.smoke.duration_ms is not None else ""
        click.echo(f"Smoke run {deployed.smoke.workflow_id} is {deployed.smoke.status}{took}")
    if deployed.ramp:
        click.echo(f"{deployed.ramp.percent:g}% of new runs take it, until `workerhost promote` or `rollback`")
    if deployed.worker:
        click.echo(deployed.worker.message)
