""" "Did you mean": what is closest to a mistyped name."""

import difflib
import re
from collections.abc import Iterable

import click

from workerhost.client import ApiError, Client
from workerhost.errors import WorkerhostError

MOST = 3
"""How many names are suggested at most."""
MOST_SCHEDULES = 200
"""Among so many schedules a close name is looked for."""

_LISTED = re.compile(r" has no [a-z ]+ (?P<asked>\S+); it has: (?P<known>.+)$")
"""How a refusal of the API lists what there is."""


def did_you_mean(asked: str, known: Iterable[str]) -> str:
    """Return a question that names what is closest to `asked`, or an empty text where nothing is close."""
    by_lower = {name.lower(): name for name in known}
    close = [by_lower[name] for name in difflib.get_close_matches(asked.lower(), by_lower, MOST)]
    return f"did you mean {' or '.join(close)}?" if close else ""


def with_suggestion(error: ApiError, client: Client) -> ApiError:
    """Return a refusal with a suggestion, where it says that a name is not there and another one is close.

    Args:
        error: of the API.
        client: asked for the names of what there is, where a project or a schedule is not there. May block.
    """
    if error.code == "project_not_found":
        named = re.search(r"project (\S+) ", str(error))
        question = did_you_mean(named[1], _project_ids(client)) if named else ""
    elif error.code == "schedule_not_found":
        named = re.search(r"project (\S+) has no schedule (\S+)", str(error))
        question = did_you_mean(named[2], _schedule_names(client, named[1])) if named else ""
    else:
        listed = _LISTED.search(str(error)) if error.status == 404 else None
        question = did_you_mean(listed["asked"], listed["known"].split(", ")) if listed else ""
    return ApiError(f"{error}; {question}", error.code, error.status, error.details) if question else error


class SuggestingGroup(click.Group):
    """A group of commands that names the closest one where a name is mistyped."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, and the other arguments.

        Raises:
            click.UsageError: there is no such command.
        """
        name = args[0]
        known = not name[:1].isalnum() or ctx.resilient_parsing or self.get_command(ctx, name) is not None
        if not known and (question := did_you_mean(name, self.list_commands(ctx))):
            ctx.fail(f"No such command '{name}'; {question}")
        return super().resolve_command(ctx, args)


def _project_ids(client: Client) -> list[str]:
    try:
        return [project.id for project in client.projects()]
    except WorkerhostError:  # the refusal is what the user asked for; this is beside it
        return []


def _schedule_names(client: Client, project_id: str) -> list[str]:
    try:
        return [schedule.name for schedule in client.schedule_page(project_id, MOST_SCHEDULES).schedules]
    except WorkerhostError:
        return []
