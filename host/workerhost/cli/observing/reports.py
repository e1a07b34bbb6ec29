"""`workerhost statistics` and `usage`: what projects did, and what they used."""

from datetime import UTC, date, datetime

import click

from workerhost.answers import StatisticsGroup, StatisticsReport, UsageDay, UsageInfo
from workerhost.cli.completion import complete_projects
from workerhost.cli.connection import connect, project_argument, service_options, show_json
from workerhost.cli.output import duration, show_fields, show_table
from workerhost.service_log.text import on_one_line

BY = ("hour", "day", "activity", "workflowType", "build")
DAY = click.DateTime(["%Y-%m-%d"])
FIGURES = ("EXECUTIONS", "FAILED", "TIMED OUT", "RETRIES", "AVERAGE", "P50", "P95", "P99")


@click.command
@click.argument("project", required=False, shell_complete=complete_projects)
@click.option("--by", type=click.Choice(BY), default="activity", show_default=True, help="What a line is about.")
@click.option("--from", "after", type=click.DateTime(), help="The beginning, in UTC; else 24 hours before the end.")
@click.option("--to", "before", type=click.DateTime(), help="The end, in UTC; else now.")
@service_options
def statistics(  # noqa: PLR0913  the options of the command
    *, project: str | None, by: str, after: datetime | None, before: datetime | None, url: str | None, as_json: bool
) -> None:
    """Show how activities or runs ended, and what deserves a look.

    Of PROJECT, or of all projects together: how often they ran and failed, and how long they took.
    """
    with connect(url) as client:
        report = client.statistics(project, after=_in_utc(after), before=_in_utc(before), by=by)
    if as_json:
        show_json(report.raw)
        return
    _show_statistics(report, by)


@click.command
@project_argument
@click.option("--from", "first", type=DAY, help="The first day, in UTC; else the first of the month of the last day.")
@click.option("--to", "last", type=DAY, help="The last day, which counts too; else today.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, with a line of names first.")
@service_options
def usage(  # noqa: PLR0913  the options of the command
    *, project: str, first: datetime | None, last: datetime | None, as_csv: bool, url: str | None, as_json: bool
) -> None:
    """Show what a project has used, day by day.

    Executions, actions, time and space of PROJECT: what a product may bill by.
    """
    with connect(url) as client:
        found = client.usage(project, first=_day(first), last=_day(last))
    if as_json:
        show_json(found.raw)
    elif as_csv:
        click.echo(found.to_csv().replace("\r\n", "\n"), nl=False)
    elif not found.days:
        click.echo(f"Project {project} has used nothing in this time.")
    else:
        head = ("DATE", "EXECUTIONS", "ACTIONS", "ACTIVITY TIME", "CPU TIME", "HISTORY BYTES", "PUBLISHES")
        show_table(head, [*((each.date, *_used(each)) for each in found.days), ("in all", *_used(found.total))])


def _show_statistics(report: StatisticsReport, by: str) -> None:
    if not report.executions:
        click.echo(f"No {report.counted} ended in this time.")
    else:
        rows = [(on_one_line(each.value), *_figures(each)) for each in report.groups]
        show_table((by.upper(), *FIGURES), [*rows, ("in all", *_figures(report))])
    if report.attention:
        click.echo("\nThese deserve a look:")
        show_fields([(on_one_line(f"{each.project_id}, {each.what}"), each.reason) for each in report.attention])


def _figures(of: StatisticsGroup | StatisticsReport) -> tuple[object, ...]:
    times = (of.average_ms, of.p50_ms, of.p95_ms, of.p99_ms)
    shown = (None if each is None else duration(each / 1000) for each in times)
    return of.executions, of.failures, of.timeouts, of.retries, *shown


def _used(of: UsageDay | UsageInfo) -> tuple[object, ...]:
    times = duration(of.activity_seconds), duration(of.cpu_seconds)
    return of.executions, of.actions, *times, of.history_bytes, of.publishes


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
