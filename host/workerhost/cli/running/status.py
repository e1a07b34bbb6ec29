"""`workerhost status` and `runs`: what runs, and on which build."""

import click

from workerhost.answers import DeploymentInfo, ExecutionInfo, RampInfo, RampOutcomesInfo, WorkerInfo
from workerhost.cli.completion import complete_projects
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import between, colored, short, show_fields, show_table
from workerhost.client import Client
from workerhost.client.calls.projects import projects as projects_call
from workerhost.client.calls.projects import workers as workers_call

EVENTS = 5
"""How many of the latest events are shown."""


@click.command
@click.argument("project", required=False, shell_complete=complete_projects)
@service_options
def status(*, project: str | None, url: str | None, as_json: bool) -> None:
    """Show all projects, or one with its builds.

    Of PROJECT it shows what its worker does, its builds, the runs that are open on each, and what happened last.
    """
    with connect(url) as client:
        if project is None:
            _all(client, as_json=as_json)
        else:
            _one(client, project, as_json=as_json)


@click.command
@project_argument
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many; the newest come first."
)
@service_options
def runs(*, project: str, limit: int, url: str | None, as_json: bool) -> None:
    """List the latest runs of a project."""
    with connect(url) as client:
        page = client.execution_page(project, limit)
    if as_json:
        show_json(page.raw)
    elif page.executions:
        show_table(
            ("WORKFLOW ID", "TYPE", "STATUS", "BUILD", "STARTED", "TOOK"), [_run(each) for each in page.executions]
        )
    else:
        click.echo(f"Project {project} has no runs.")


def _all(client: Client, *, as_json: bool) -> None:
    projects, workers = client.send(projects_call()), client.send(workers_call())
    if as_json:
        show_json({**projects.raw, **workers.raw})
        return
    if not projects.projects:
        click.echo("There are no projects; `workerhost deploy` makes one.")
        return
    rows = [(each.id, each.desired_state, each.id in workers.workers, each.task_queue) for each in projects.projects]
    show_table(("PROJECT", "SHOULD BE", "RUNS", "TASK QUEUE"), rows)


def _one(client: Client, project: str, *, as_json: bool) -> None:
    worker, deployment = client.status(project), client.deployment(project)
    if as_json:
        show_json({"worker": worker.raw, "deployment": deployment.raw})
        return
    _show_worker(worker)
    _show_builds(deployment)


def _show_worker(worker: WorkerInfo) -> None:
    replicas = f"{worker.replicas.running} of {worker.replicas.wanted}" if worker.replicas else None
    show_fields(
        [
            ("Project", worker.project_id),
            ("Status", colored(worker.status)),
            ("Error", worker.error),
            ("Task queue", worker.task_queue),
            ("Workers", replicas),
            ("Host", worker.host_id),
            ("Started", worker.started_at),
            ("Heartbeat", worker.last_heartbeat),
        ]
    )


def _show_builds(deployment: DeploymentInfo) -> None:
    if deployment.builds:
        click.echo()
        rows = [
            (
                short(build.id),
                build.state,
                build.open_run_count,
                build.became_current_at,
                ", ".join(f"{name} {version}" for name, version in build.versions.items()),
            )
            for build in deployment.builds
        ]
        show_table(("BUILD", "STATE", "OPEN RUNS", "CURRENT SINCE", "VERSIONS"), rows)
    if deployment.visibility.error:
        click.echo(f"The open runs could not be counted: {deployment.visibility.error}")
    if deployment.ramp:
        click.echo()
        click.echo(_ramp(deployment.ramp))
    if deployment.events:
        click.echo()
        events = deployment.events[:EVENTS]
        show_table(
            ("WHEN", "WHAT", "BUILD", ""), [(each.at, each.kind, short(each.build), each.message) for each in events]
        )


def _ramp(ramp: RampInfo) -> str:
    outcomes = ramp.outcomes.get(ramp.build, RampOutcomesInfo())
    return (
        f"{ramp.percent:g}% of new runs take {short(ramp.build)}; {outcomes.failed} of {outcomes.ended} that ended "
        f"have failed. From {ramp.minimum_runs} on it is taken back where more than "
        f"{100 * ramp.failure_threshold:g} percentage points more of them fail than on the current build."
    )


def _run(run: ExecutionInfo) -> tuple[object, ...]:
    took = between(run.started_at, run.closed_at)
    return run.workflow_id, run.workflow_type, colored(run.status), short(run.build_id), run.started_at, took
