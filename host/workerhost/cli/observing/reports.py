"""`workerhost statistics` and `usage`: what projects did, and what they used."""

from datetime import date, datetime

import click

from workerhost.answers import StatisticsGroup, StatisticsReport, UsageDay, UsageInfo, UsageOfProject, UsagePage
from workerhost.cli.completion import complete_projects
from workerhost.cli.connection import connect, service_options, show_json
from workerhost.cli.output import duration, show_fields, show_table
from workerhost.cli.scheduling.times import parse_day, parse_time
from workerhost.client import Client
from workerhost.service_log.text import on_one_line

BY = ("hour", "day", "activity", "workflowType", "build")
OF = ("activities", "runs")
FIGURES = ("EXECUTIONS", "FAILED", "TIMED OUT", "RETRIES", "AVERAGE", "P50", "P95", "P99")
USED = ("EXECUTIONS", "ACTIONS", "ACTIVITY TIME", "CPU TIME", "HISTORY BYTES", "PUBLISHES")

optional_project = click.argument("project", required=False, shell_complete=complete_projects)


@click.command
@optional_project
@click.option("--by", type=click.Choice(BY), help="What a line is about; else activity, or workflowType of runs.")
@click.option("--of", type=click.Choice(OF), help="What is counted; else what --by can tell apart, or activities.")
@click.option(
    "--from", "after", metavar="TIME", type=parse_time, help="The beginning, in UTC; else 24 hours before the end."
)
@click.option("--to", "before", metavar="TIME", type=parse_time, help="The end, in UTC; else now.")
@service_options
def statistics(  # noqa: PLR0913  the options of the command
    *,
    project: str | None,
    by: str | None,
    of: str | None,
    after: datetime | None,
    before: datetime | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Show how activities or runs ended, and what deserves a look.

    Of PROJECT, or of all projects together: how often they ran and failed, and how long they took.
    """
    by = by or ("workflowType" if of == "runs" else "activity")
    with connect(url) as client:
        report = client.statistics(project, after=after, before=before, by=by, of=of)
    if as_json:
        show_json(report.raw)
        return
    _show_statistics(report, by)


@click.command
@optional_project
@click.option(
    "--from",
    "first",
    metavar="DAY",
    type=parse_day,
    help="The first day, in UTC, as 2026-01-31; else the first of the month of the last day.",
)
@click.option("--to", "last", metavar="DAY", type=parse_day, help="The last day, which counts too; else today.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, with a line of names first.")
@service_options
def usage(  # noqa: PLR0913  the options of the command
    *, project: str | None, first: date | None, last: date | None, as_csv: bool, url: str | None, as_json: bool
) -> None:
    """Show what each project has used, or one of them day by day.

    Executions, actions, time and space: what a product may bill by. With PROJECT, a line for each of its days; else
    one for each project.
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json both say how it is printed; give one of them")
    with connect(url) as client:
        if project is None:
            _show_usage_of_all(client, first, last, as_csv=as_csv, as_json=as_json)
            return
        found = client.usage(project, first=first, last=last)
    if as_json:
        show_json(found.raw)
    elif as_csv:
        _show_csv(found.to_csv())
    elif found.days:
        show_table(
            ("DATE", *USED), [*((each.date, *_used(each)) for each in found.days), ("in all", *_used(found.total))]
        )
    else:
        click.echo(f"Project {project} has used nothing in this time.")


def _show_usage_of_all(client: Client, first: date | None, last: date | None, *, as_csv: bool, as_json: bool) -> None:
    projects = tuple(client.usage_of_all(first=first, last=last, page_size=1000))
    if as_json:
        show_json({"projects": [each.raw for each in projects]})
    elif as_csv:
        _show_csv(UsagePage(projects=projects).to_csv())
    elif projects:
        show_table(("PROJECT", *USED), [(each.project_id, *_used(each)) for each in projects])
    else:
        click.echo("No project has used anything in this time.")


def _heading(by: str) -> str:
    return "WORKFLOW TYPE" if by == "workflowType" else by.upper()


def _show_csv(text: str) -> None:
    click.echo(text.replace("\r\n", "\n"), nl=False)


def _show_statistics(report: StatisticsReport, by: str) -> None:
    if not report.executions:
        click.echo(f"No {report.counted} ended in this time.")
    else:
        rows = [(on_one_line(each.value), *_figures(each)) for each in report.groups]
        show_table((_heading(by), *FIGURES), [*rows, ("in all", *_figures(report))])
    if report.attention:
        click.echo("\nThese deserve a look:")
        show_fields([(on_one_line(f"{each.project_id}, {each.what}"), each.reason) for each in report.attention])


def _figures(of: StatisticsGroup | StatisticsReport) -> tuple[object, ...]:
    times = (of.average_ms, of.p50_ms, of.p95_ms, of.p99_ms)
    shown = (None if each is None else duration(each / 1000) for each in times)
    return of.executions, of.failures, of.timeouts, of.retries, *shown


def _used(of: UsageDay | UsageInfo | UsageOfProject) -> tuple[object, ...]:
    times = duration(of.activity_seconds), duration(of.cpu_seconds)
    return of.executions, of.actions, *times, of.history_bytes, of.publishes
