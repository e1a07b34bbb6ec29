"""The command line of workerhost."""

import sys
from importlib import import_module

import click

from workerhost.errors import WorkerhostError
from workerhost.plugins import create_plugins

HELP = """Run the workflows of many projects on Temporal, one worker per project, their code from a database.

New here? `workerhost dev` starts everything on this machine, with a sample project to look at.
"""

COMMANDS = {
    "check": "check:check",
    "db": "database:database",
    "deploy": "deploy:deploy",
    "dev": "dev:dev",
    "diff": "differences:diff",
    "host": "host:host",
    "move": "builds:move",
    "plugins": "plugins:plugins",
    "promote": "builds:promote",
    "rollback": "builds:rollback",
    "runs": "status:runs",
    "serve": "serve:serve",
    "status": "status:status",
}
"""Module and name of each command. A module is imported when its command is called, so that a command that only calls
the API need not load a host."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"workerhost.cli.{module}"), name)
        return command


def create_cli() -> click.Group:
    """Return the command line with the commands of plugins."""
    cli = _Commands("workerhost", help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
    cli = click.version_option(package_name="workerhost")(cli)
    create_plugins().register_commands(cli)
    return cli


def main() -> None:
    """Run the command line. An error of workerhost ends it with a sentence and exit code 1."""
    try:
        create_cli()()
    except WorkerhostError as error:
        for sentence in getattr(error, "problems", ()) or (error,):
            click.echo(f"workerhost: {sentence}", err=True)
        sys.exit(1)
