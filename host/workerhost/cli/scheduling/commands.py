"""`workerhost schedules`: the group, and the commands on a schedule that is there."""

from collections.abc import Callable
from datetime import UTC, datetime

import click

from workerhost.answers import CommandResult
from workerhost.cli.completion import complete_schedules
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import said_when_slow, show_fields, show_table
from workerhost.cli.scheduling.group import GroupOfSchedules
from workerhost.cli.scheduling.putting import overlap_option, put
from workerhost.cli.scheduling.rendering import (
    HEAD,
    RUNS_HEAD,
    next_run_rows,
    recent_run_rows,
    schedule_fields,
    schedule_rows,
)
from workerhost.cli.scheduling.times import parse_time
from workerhost.client import Client

name_argument = click.argument("name", shell_complete=complete_schedules)
"""The name of a schedule, after the project."""
note_option = click.option("--note", help="Why, for those who look at the schedule later; else the note stays.")


@click.group(cls=GroupOfSchedules, subcommand_metavar="PROJECT | COMMAND [ARGS]...")
def schedules() -> None:
    """List the schedules of a project, or make and change one.

    A schedule starts a workflow at times. `workerhost schedules PROJECT` lists those of a project, with their next and
    their last runs. Times are shown in UTC.
    """


schedules.add_command(put)


@schedules.command("list")
@project_argument
@service_options
def list_(*, project: str, url: str | None, as_json: bool) -> None:
    """List the schedules of a project."""
    with connect(url) as client, said_when_slow(f"Asking for the schedules of project {project} …", quiet=as_json):
        found = list(client.schedules(project, page_size=200))
    if as_json:
        show_json({"schedules": [each.raw for each in found], "cursor": None})
    elif found:
        show_table(HEAD, schedule_rows(found))
    else:
        click.echo(f"Project {project} has no schedules; `workerhost schedules put` makes one.")


@schedules.command
@project_argument
@name_argument
@service_options
def show(*, project: str, name: str, url: str | None, as_json: bool) -> None:
    """Show one schedule, with its next and its last runs.

    The last runs are as far as the schedule has seen; `workerhost show` shows each as it is.
    """
    with connect(url) as client:
        found = client.schedule(project, name)
    if as_json:
        show_json(found.raw)
        return
    show_fields(schedule_fields(found))
    if found.next_runs and not found.paused:
        click.echo()
        show_table(*next_run_rows(found, datetime.now(UTC)))
    if found.recent_runs:
        click.echo()
        show_table(RUNS_HEAD, recent_run_rows(found.recent_runs))


@schedules.command
@project_argument
@name_argument
@note_option
@service_options
def pause(*, project: str, name: str, note: str | None, url: str | None, as_json: bool) -> None:
    """Have a schedule start nothing at its times."""
    _tell(url, lambda client: client.pause_schedule(project, name, note=note), as_json=as_json)


@schedules.command
@project_argument
@name_argument
@note_option
@service_options
def resume(*, project: str, name: str, note: str | None, url: str | None, as_json: bool) -> None:
    """Have a paused schedule go on.

    The times that have passed meanwhile are left out; `workerhost schedules backfill` starts their runs.
    """
    _tell(url, lambda client: client.resume_schedule(project, name, note=note), as_json=as_json)


@schedules.command
@project_argument
@name_argument
@overlap_option("as the schedule says")
@service_options
def trigger(*, project: str, name: str, overlap: str | None, url: str | None, as_json: bool) -> None:
    """Have a schedule start a run now, also where it is paused."""
    _tell(url, lambda client: client.trigger_schedule(project, name, overlap=overlap), as_json=as_json)


@schedules.command
@project_argument
@name_argument
@click.option("--from", "begin", metavar="TIME", type=parse_time, required=True, help="The first time.")
@click.option("--to", "end", metavar="TIME", type=parse_time, help="The last time; else now.")
@overlap_option("one run after the other")
@service_options
def backfill(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    name: str,
    begin: datetime,
    end: datetime | None,
    overlap: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Have a schedule start the runs of a time that has passed.

    It starts a run for each of its times from --from to --to, as if these passed now. A TIME is as 2026-01-05 or
    2026-01-05T09:00+01:00, in UTC without a zone.
    """
    _tell(
        url,
        lambda client: client.backfill_schedule(project, name, begin, end or datetime.now(UTC), overlap=overlap),
        as_json=as_json,
    )


@schedules.command
@project_argument
@name_argument
@service_options
def delete(*, project: str, name: str, url: str | None, as_json: bool) -> None:
    """Delete a schedule; the runs that it has started go on."""
    _tell(url, lambda client: client.delete_schedule(project, name), as_json=as_json)


def _tell(url: str | None, call: Callable[[Client], CommandResult], *, as_json: bool) -> None:
    with connect(url) as client:
        done = call(client)
    show_json(done.raw) if as_json else click.echo(done.message)
