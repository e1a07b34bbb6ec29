"""`workerhost diff`: what has changed from one build or version to another."""

import click

from workerhost.answers import DifferenceInfo
from workerhost.cli.connection import connect, full_build_id, project_argument, service_options, show_json
from workerhost.service_log.text import on_one_line
from workerhost.words import CURRENT, ModuleChangeKind


@click.command
@project_argument
@click.argument("from_", metavar="FROM")
@click.argument("to", metavar="[TO]", default=CURRENT)
@click.option("--workflow", metavar="NAME", help="FROM and TO are versions of this workflow, and not builds.")
@service_options
def diff(  # noqa: PLR0913  the options of the command
    *, project: str, from_: str, to: str, workflow: str | None, url: str | None, as_json: bool
) -> None:
    """Show what has changed from one build to another.

    FROM and TO are ids of builds of PROJECT, or the first digits of them, as `workerhost status PROJECT` shows them. TO
    is the current build unless it is given. With --workflow they are versions of that workflow, and both are needed. Of
    workflows that were drawn, it says first which nodes were added, have changed, or were removed.
    """
    if workflow is not None and to == CURRENT:
        raise click.UsageError("--workflow compares two versions; give TO as well")
    with connect(url) as client:
        if workflow is not None:
            found = client.compare_versions(project, workflow, from_, to)
        else:
            builds = (full_build_id(client, project, each) for each in (from_, to))
            found = client.compare_builds(project, *builds)
    show_json(found.raw) if as_json else _show(found)


BECAME: dict[str, str] = {
    ModuleChangeKind.ADDED: "was added",
    ModuleChangeKind.REMOVED: "was removed",
    ModuleChangeKind.CHANGED: "has changed",
}


def _show(found: DifferenceInfo) -> None:
    for node in found.nodes or ():
        label = f" ({on_one_line(node.label)})" if node.label else ""
        click.echo(f"{node.workflow}: node {on_one_line(node.node)}{label} {BECAME.get(node.kind, node.kind)}")
    for change in found.changes:
        if change.diff is None:
            click.echo(f"{change.module} has {change.kind}: {change.reason}")
        else:
            click.echo(change.diff, nl=False)
    if not found.changes and not found.nodes:
        click.echo("Nothing differs.", err=True)
