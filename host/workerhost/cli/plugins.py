"""`workerhost plugins`, which lists them, and the commands below it."""

import click

from workerhost.cli.new_plugin import new_plugin
from workerhost.cli.suggestions import SuggestingGroup
from workerhost.default_plugins import load_plugins
from workerhost.runtime.catalogue import build_catalogue
from workerhost.settings import load_settings
from workerhost.store import Store


@click.group(cls=SuggestingGroup, invoke_without_command=True)
@click.pass_context
def plugins(context: click.Context) -> None:
    """List the plugins that are installed, what each brings, and what failed to load."""
    if context.invoked_subcommand is None:
        _list_plugins()


plugins.add_command(new_plugin)


def _list_plugins() -> None:
    settings = load_settings()
    loaded = load_plugins(settings, Store(settings.database_url))  # nothing is asked of it, so nothing is opened
    build_catalogue(loaded)
    for report in loaded.reports():
        click.echo(f"{report.name} {report.version}")
        if report.error:
            click.echo(f"  failed to load: {report.error}")
        if report.hooks:
            click.echo(f"  hooks: {', '.join(report.hooks)}")
        if report.activities:
            click.echo(f"  activities: {', '.join(report.activities)}")
