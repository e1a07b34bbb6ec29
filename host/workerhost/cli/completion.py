"""`workerhost completion`, and what a shell is offered where an id or a type is to come."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import click
from click.shell_completion import ShellComplete, get_completion_class

from workerhost.cli.address import service_address
from workerhost.client import Client
from workerhost.client.calls import schedules as schedule_calls
from workerhost.client.options import Filters
from workerhost.words import ExecutionStatus

VARIABLE = "_WORKERHOST_COMPLETE"
"""By this variable the script of a shell asks for completions."""
SHELLS = ("bash", "zsh", "fish")
SECONDS = 1.0
"""How long a service may take to answer while somebody waits at a prompt."""
MOST = 50
"""How many ids of runs, and names of schedules, are offered."""

Completer = Callable[[click.Context, click.Parameter, str], list[str]]


@click.command
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print what a shell needs to complete commands, options, projects, types and runs.

    \b
    bash, in ~/.bashrc:                    eval "$(workerhost completion bash)"
    zsh, in ~/.zshrc, after compinit:      eval "$(workerhost completion zsh)"
    fish, in ~/.config/fish/config.fish:   workerhost completion fish | source

    Ids and types are those of the service that other commands would call, if it answers within a second.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click completes nothing in {shell}")
    made = kind(context.find_root().command, {}, "workerhost", VARIABLE)
    # Bash's own class looks first which bash is there, which the shell that reads this need not be.
    click.echo(ShellComplete.source(made))


def _completer(find: Callable[[Client, click.Context, str], Iterable[str]]) -> Completer:
    """Return what click calls: it asks a service for what may come, and offers nothing where that goes wrong."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            address = service_address(context.params.get("url"))
            with Client(address.url, timeout=SECONDS, retries=0) as client:
                return sorted(each for each in find(client, context, incomplete) if each.startswith(incomplete))
        except Exception:
            return []

    return complete


def _projects(client: Client, _context: click.Context, _incomplete: str) -> Iterable[str]:
    return (project.id for project in client.projects())


def _types(client: Client, context: click.Context, _incomplete: str) -> Iterable[str]:
    return (each.name for each in client.workflow_types(context.params["project"]))


def _runs(client: Client, context: click.Context, incomplete: str) -> Iterable[str]:
    found = client.execution_page(context.params["project"], MOST, **_begins(incomplete))
    return {each.workflow_id for each in found.executions}


def _open_runs(client: Client, context: click.Context, incomplete: str) -> Iterable[str]:
    filters = Filters(status=[ExecutionStatus.RUNNING], **_begins(incomplete))
    found = client.execution_page(context.params["project"], MOST, **filters)
    return {each.workflow_id for each in found.executions}


def _schedules(client: Client, context: click.Context, _incomplete: str) -> Iterable[str]:
    call = replace(schedule_calls.schedules(context.params["project"], MOST, None), seconds=0)
    return (each.name for each in client.send(call).schedules)


def _begins(incomplete: str) -> Filters:
    return Filters(workflow_id_prefix=incomplete) if incomplete else Filters()


complete_projects = _completer(_projects)
"""Offers the ids of all projects."""
complete_types = _completer(_types)
"""Offers the workflow types that new runs of the project can have."""
complete_runs = _completer(_runs)
"""Offers the workflow ids of the project's latest runs."""
complete_open_runs = _completer(_open_runs)
"""Offers the workflow ids of the project's latest runs that go on."""
complete_schedules = _completer(_schedules)
"""Offers the names of the project's schedules."""
