"""`workerhost schedules put`: making a schedule, or replacing it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO, TypeVar

import click

from workerhost.cli.completion import complete_schedules, complete_types
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import said_when_slow
from workerhost.cli.running.arguments import arguments_option, given_arguments, unchecked_option
from workerhost.cli.running.explaining import explained, taken_by_type
from workerhost.cli.scheduling.rendering import next_sentence
from workerhost.cli.scheduling.times import parse_duration
from workerhost.client.options import ScheduleOptions
from workerhost.words import ScheduleOverlap

F = TypeVar("F", bound=Callable[..., Any])


def overlap_option(otherwise: str) -> Callable[[F], F]:
    """Give a command the option `--overlap`.

    Args:
        otherwise: what happens without it.
    """
    words = [str(each) for each in ScheduleOverlap]
    sentence = f"What happens where the run before still runs, of {', '.join(words)}; else {otherwise}."
    return click.option("--overlap", metavar="WORD", type=click.Choice(words), help=sentence)


def _calendars(
    _context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Mapping[str, Any], ...]:
    try:
        found = tuple(json.loads(value) for value in values)
    except (ValueError, RecursionError):
        found = (None,)
    if not all(isinstance(each, dict) for each in found):
        raise click.BadParameter('must be a JSON object, as {"hour": 9, "dayOfWeek": "mon-fri"}', param=parameter)
    return found


@click.command
@project_argument
@click.argument("name", shell_complete=complete_schedules)
@click.argument("workflow_type", metavar="TYPE", shell_complete=complete_types)
@arguments_option
@click.option("--cron", metavar="CRON", multiple=True, help="Times, as '0 9 * * mon-fri'; may be given again.")
@click.option("--every", metavar="DURATION", type=parse_duration, help="An interval, as 90s, 15m, 1h30m, 7d.")
@click.option(
    "--calendar",
    metavar="JSON",
    multiple=True,
    callback=_calendars,
    help='Times by their parts, as \'{"hour": 9, "dayOfMonth": 1}\'; may be given again.',
)
@click.option("--time-zone", metavar="ZONE", help="Of --cron and --calendar, as Europe/Berlin; else UTC.")
@overlap_option("skip")
@click.option(
    "--jitter", metavar="DURATION", type=parse_duration, help="Each start is late by a part of this, by chance."
)
@click.option(
    "--catch-up",
    metavar="DURATION",
    type=parse_duration,
    help="How late a run may start that Temporal has missed because it was away; else a year.",
)
@click.option("--paused", is_flag=True, help="Start nothing until `workerhost schedules resume`.")
@click.option("--note", help="Any text, for those who look at the schedule later.")
@unchecked_option
@service_options
def put(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    name: str,
    workflow_type: str,
    args: tuple[str, ...],
    args_json: TextIO | None,
    cron: tuple[str, ...],
    every: float | None,
    calendar: tuple[Mapping[str, Any], ...],
    time_zone: str | None,
    overlap: str | None,
    jitter: float | None,
    catch_up: float | None,
    paused: bool,
    note: str | None,
    unchecked: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Make a schedule, or replace the one of that name.

    The schedule NAME of PROJECT starts TYPE with ARGS at its times. Each of ARGS is JSON, or text where it is no JSON,
    as for `workerhost run`. --cron, --every and --calendar say when; of several, the times of all count. What is left
    out is as for a new schedule, also where one is replaced.
    """
    if not (cron or calendar) and every is None:
        raise click.UsageError("say when it starts runs: with --cron, --every or --calendar")
    optional = {
        "cron": cron,
        "interval_seconds": every,
        "calendar": calendar,
        "time_zone": time_zone,
        "overlap": overlap,
        "jitter_seconds": jitter,
        "catch_up_seconds": catch_up,
        "note": note,
    }
    given = {key: value for key, value in optional.items() if value not in (None, ())}
    options = ScheduleOptions(args=given_arguments(args, args_json), paused=paused, unchecked=unchecked)
    options.update(given)  # type: ignore[typeddict-item]  # its keys are those above
    with (
        connect(url) as client,
        said_when_slow(f"Making the schedule {name} of project {project} …", quiet=as_json),
        explained(args, lambda: taken_by_type(client, project, workflow_type)),
    ):
        made = client.put_schedule(project, name, workflow_type, **options)
    show_json(made.raw) if as_json else click.echo(next_sentence(project, made, datetime.now(UTC)))
