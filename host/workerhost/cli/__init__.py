"""The command line of workerhost."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click

from workerhost.cli.completion import VARIABLE
from workerhost.cli.output import colors
from workerhost.cli.suggestions import SuggestingGroup
from workerhost.errors import WorkerhostError
from workerhost.plugins import create_plugins
from workerhost.service_log.text import on_one_line

HELP = """Run the workflows of many projects on Temporal, one worker per project, their code from a database.

New here? `workerhost dev` starts everything on this machine, with a sample project to look at.
"""

SECTIONS = {
    "A service": {
        "check": "serving.check:check",
        "db": "serving.database:database",
        "dev": "serving.dev:dev",
        "host": "serving.host:host",
        "plugins": "plugins:plugins",
        "serve": "serving.serve:serve",
    },
    "Code": {
        "compile": "publishing.compiling:compile_",
        "deploy": "publishing.deploy:deploy",
        "diff": "publishing.differences:diff",
        "move": "publishing.builds:move",
        "promote": "publishing.builds:promote",
        "rollback": "publishing.builds:rollback",
    },
    "Projects": {
        "logs": "observing.logs:logs",
        "pause": "running.pausing:pause",
        "restart": "running.workers:restart",
        "resume": "running.pausing:resume",
        "runs": "running.status:runs",
        "schedules": "scheduling.commands:schedules",
        "start": "running.workers:start",
        "statistics": "observing.reports:statistics",
        "status": "running.status:status",
        "stop": "running.workers:stop",
        "usage": "observing.reports:usage",
    },
    "Runs": {
        "cancel": "running.ending:cancel",
        "query": "running.messages:query",
        "retry": "running.run:retry",
        "run": "running.run:run",
        "show": "running.show:show",
        "signal": "running.messages:signal",
        "terminate": "running.ending:terminate",
        "update": "running.messages:update",
    },
    "Your shell": {
        "completion": "completion:completion",
    },
}
"""Module and name of each command, by the section of the help that shows it. A module is imported when its command is
called, so that a command that only calls the API need not load a host."""

COMMANDS = {name: place for section in SECTIONS.values() for name, place in section.items()}
OF_PLUGINS = "Of plugins"


class _Commands(SuggestingGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        with _without_collections():
            command: click.Command = getattr(import_module(f"workerhost.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, in sections."""
        others = [name for name in self.list_commands(ctx) if name not in COMMANDS]
        width = max(len(name) for name in (*COMMANDS, *others))
        for section, names in (*SECTIONS.items(), (OF_PLUGINS, others)):
            commands = [(name, command) for name in names if (command := self.get_command(ctx, name))]
            shown = [(name.ljust(width), each.get_short_help_str(80)) for name, each in commands if not each.hidden]
            if shown:
                with formatter.section(section):
                    formatter.write_dl(shown)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep the garbage collector from what is imported: it stays, and was looked through for a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def create_cli() -> click.Group:
    """Return the command line with the commands of plugins."""
    cli = _Commands(
        "workerhost", help=HELP, context_settings={"help_option_names": ["-h", "--help"], "color": colors()}
    )
    cli = click.version_option(package_name="workerhost")(cli)
    create_plugins().register_commands(cli)
    return cli


def _open_standard_streams() -> None:
    """Open what the caller has closed, so that no other file gets its number, and lines with it."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            if opened == descriptor:
                os.set_inheritable(descriptor, True)  # noqa: FBT003  it takes no keyword
                setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", closefd=False))


def main() -> None:
    """Run the command line. An error of workerhost ends it with a sentence and exit code 1."""
    atexit.register(gc.freeze)  # so that the interpreter, when it ends, does not look through all that was imported
    _open_standard_streams()
    try:
        create_cli()(complete_var=VARIABLE)
    except WorkerhostError as error:
        for sentence in getattr(error, "problems", ()) or (error,):
            click.echo(f"workerhost: {on_one_line(str(sentence))}", err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(on_one_line(note), err=True)
        sys.exit(1)
