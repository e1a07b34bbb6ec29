"""`workerhost plugins`."""

import click

from workerhost.runtime.catalogue import build_catalogue
from workerhost.runtime.service import load_plugins
from workerhost.settings import load_settings
from workerhost.store import Store


@click.command("plugins")
def list_plugins() -> None:
    """List the plugins that are installed, what each brings, and what failed to load."""
    settings = load_settings()
    plugins = load_plugins(settings, Store(settings.database_url))  # nothing is asked of it, so nothing is opened
    build_catalogue(plugins)
    for report in plugins.reports():
        click.echo(f"{report.name} {report.version}")
        if report.error:
            click.echo(f"  failed to load: {report.error}")
        if report.hooks:
            click.echo(f"  hooks: {', '.join(report.hooks)}")
        if report.activities:
            click.echo(f"  activities: {', '.join(report.activities)}")
