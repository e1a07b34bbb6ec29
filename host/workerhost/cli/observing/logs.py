"""`workerhost logs`: what the code of a project has logged and printed."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

import click

from workerhost.answers import LogLineInfo
from workerhost.cli.completion import complete_runs
from workerhost.cli.connection import connect, project_argument, show_json_line, url_option
from workerhost.cli.observing.log_rendering import log_text
from workerhost.cli.running.following import INTERRUPTED
from workerhost.cli.scheduling.times import parse_duration
from workerhost.client import Client
from workerhost.client.options import LogFilters
from workerhost.observed import LogLevel

LEVELS = [level.value for level in LogLevel]
LINES, MOST_LINES = 100, 100_000
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
RUN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How Temporal makes run ids. People name runs by their workflow ids, which seldom look like this."""
MOST_FOLLOWED = 1000
"""Lines of the past that the service sends to one who follows."""


@click.command
@project_argument
@click.option(
    "--run",
    metavar="ID",
    shell_complete=complete_runs,
    help="Only lines of this run: its run id, or its workflow id, for all runs that have it.",
)
@click.option(
    "--workflow",
    "workflow_id",
    metavar="WORKFLOW_ID",
    shell_complete=complete_runs,
    help="As --run, for a workflow id that looks like a run id.",
)
@click.option("--activity", help="Only lines of this activity.")
@click.option("--node", help="Only lines of this node of a drawing.")
@click.option("--level", type=click.Choice(LEVELS), help="Only lines of this level, or of a more severe one.")
@click.option(
    "--since", metavar="DURATION", type=parse_duration, help="Only lines that are not older, as 90s, 10m, 1h30m, 7d."
)
@click.option("--text", help="Only lines whose message holds this.")
@click.option(
    "--lines",
    "-n",
    "most",
    type=click.IntRange(0, MOST_LINES),
    default=LINES,
    show_default=True,
    help=f"How many of the newest lines are shown; with --follow {MOST_FOLLOWED} at most.",
)
@click.option("--follow", "-f", "follows", is_flag=True, help="Go on with new lines as they come, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each line, and nothing else.")
@url_option
def logs(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    run: str | None,
    workflow_id: str | None,
    activity: str | None,
    node: str | None,
    level: str | None,
    since: float | None,
    text: str | None,
    most: int,
    follows: bool,
    as_json: bool,
    url: str | None,
) -> None:
    """Show the log of a project: what its code has logged and printed, the newest line last."""
    if follows and most > MOST_FOLLOWED:
        raise click.BadParameter(f"{most} is more than {MOST_FOLLOWED}, the most with --follow", param_hint="--lines")
    is_workflow_id = run is not None and workflow_id is None and not RUN_ID.fullmatch(run)
    given = {
        "run_id": None if is_workflow_id else run,
        "workflow_id": run if is_workflow_id else workflow_id,
        "activity": activity,
        "node": node,
        "level": level,
        "after": None if since is None else _ago(since),
        "text": text,
    }
    filters: LogFilters = {name: value for name, value in given.items() if value is not None}  # type: ignore[assignment]
    with connect(url) as client:
        found = False
        try:
            for line in _lines(client, project, most, filters, follows=follows):
                found = True
                if as_json:
                    show_json_line(line.raw)
                else:
                    click.echo(log_text(line))
        except KeyboardInterrupt:
            click.get_current_context().exit(INTERRUPTED)
        if most and not found:
            click.echo(f"Project {project} has no {'such lines' if filters else 'lines'} in its log.", err=True)


def _lines(client: Client, project: str, most: int, filters: LogFilters, *, follows: bool) -> Iterable[LogLineInfo]:
    if follows:
        return client.follow_logs(project, newest=most, **filters)
    page_size = min(max(most, 1), MOST_FOLLOWED)
    return reversed(list(islice(client.logs(project, page_size=page_size, **filters), most)))


def _ago(seconds: float) -> datetime:
    now = datetime.now(UTC)
    return now - timedelta(seconds=min(seconds, (now - EARLIEST).total_seconds()))
