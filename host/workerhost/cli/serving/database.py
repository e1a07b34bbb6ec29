"""`workerhost db`."""

import click

from workerhost.cli.serving.serve import upgrade_database
from workerhost.cli.suggestions import SuggestingGroup
from workerhost.settings import load_settings


@click.group("db", cls=SuggestingGroup)
def database() -> None:
    """Look after the database that DATABASE_URL names."""


@database.command
def upgrade() -> None:
    """Bring the tables up to date. This may be run again, and before a new version starts."""
    revision = upgrade_database(load_settings())
    click.echo(f"The database is at revision {revision}.")
