"""A group of commands of which one need not be named."""

import click
from click.shell_completion import CompletionItem

from workerhost.cli.completion import complete_projects
from workerhost.cli.suggestions import SuggestingGroup

UNNAMED = "list"
"""The command that is meant where none is named."""
PROJECT = click.Argument(["project"])


class GroupOfSchedules(SuggestingGroup):
    """`workerhost schedules PROJECT` is `workerhost schedules list PROJECT`.

    A first word that is no command is a project where nothing follows it but options. Else it is a command that is
    mistyped.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in front that is not named."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names} and self._is_project(args):
            args = [UNNAMED, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what the first word may be: a command, or a project."""
        projects = [] if incomplete.startswith("-") else complete_projects(ctx, PROJECT, incomplete)
        return [*super().shell_complete(ctx, incomplete), *map(CompletionItem, projects)]

    def _is_project(self, args: list[str]) -> bool:
        return args[0].startswith("-") or len(args) == 1 or args[1].startswith("-")
