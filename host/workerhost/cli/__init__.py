"""The command line of workerhost."""

import sys

import click

from workerhost.cli.builds import move, promote, rollback
from workerhost.cli.check import check
from workerhost.cli.database import database
from workerhost.cli.deploy import deploy
from workerhost.cli.dev import dev
from workerhost.cli.host import host
from workerhost.cli.plugins import list_plugins
from workerhost.cli.serve import serve
from workerhost.cli.status import runs, status
from workerhost.client import ApiError
from workerhost.errors import WorkerhostError
from workerhost.plugins import create_plugins

HELP = """Run the workflows of many projects on Temporal, one worker per project, their code from a database.

New here? `workerhost dev` starts everything on this machine, with a sample project to look at.
"""


COMMANDS = (dev, serve, host, check, list_plugins, database, deploy, promote, rollback, move, status, runs)


def create_cli() -> click.Group:
    """Return the command line with the commands of plugins."""
    cli = click.Group("workerhost", help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
    cli = click.version_option(package_name="workerhost")(cli)
    for command in COMMANDS:
        cli.add_command(command)
    for _ in create_plugins().collect("workerhost_register_commands", cli=cli):
        pass
    return cli


def main() -> None:
    """Run the command line; errors of ours end it with a sentence and exit code 1."""
    try:
        create_cli()()
    except WorkerhostError as error:
        problems = error.problems if isinstance(error, ApiError) else ()
        for sentence in problems or (error,):
            click.echo(f"workerhost: {sentence}", err=True)
        sys.exit(1)
