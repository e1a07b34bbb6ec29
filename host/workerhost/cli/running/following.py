"""Showing a run until its end, and how it ended."""

import contextlib
import shlex

import click

from workerhost.answers import ExecuteResult, ExecutionInfo, StepInfo
from workerhost.cli.connection import show_json_line
from workerhost.cli.output import as_text
from workerhost.cli.running.rendering import ProgressLines, outcome_line
from workerhost.cli.running.watching import changes
from workerhost.client import Client, ExecutionError
from workerhost.errors import WorkerhostError
from workerhost.service_log.text import on_one_line
from workerhost.words import ExecutionStatus, WorkerStatus

INTERRUPTED = 130
"""The exit code of what Ctrl-C has ended, as shells have it."""


def say_begun(begun: ExecuteResult, sentence: str, *, as_json: bool, quiet: bool = False) -> None:
    """Say which run has begun.

    Args:
        begun: its ids.
        sentence: says it to people.
        as_json: say it as a line of JSON.
        quiet: say nothing to people.
    """
    if as_json:
        show_json_line({"started": begun.raw})
    elif not quiet:
        click.echo(sentence)


def say_what_it_waits_for(client: Client, project: str, *, as_json: bool) -> None:
    """Say on standard error that nothing takes a run that has begun, and what to do, where that is so.

    Args:
        client: of the service.
        project: the id of the project.
        as_json: say nothing; the lines of JSON say it in `stuck`.
    """
    if as_json:
        return
    with contextlib.suppress(WorkerhostError):  # the run has begun, and what is said of it is beside that
        if sentence := _what_it_waits_for(client, project):
            click.echo(on_one_line(sentence), err=True)


def _what_it_waits_for(client: Client, project: str) -> str | None:
    worker = client.status(project)
    if worker.status == WorkerStatus.FAILED:
        return f"The run waits, since the worker of project {project} has failed: {worker.error}"
    if worker.status not in (WorkerStatus.STOPPED, WorkerStatus.STOPPING):
        return None
    if any(each.id == project and each.paused for each in client.projects()):
        return f"The run waits: project {project} is paused; `workerhost resume {project}` has it go on"
    return f"The run waits: project {project} is stopped; `workerhost start {project}` starts it"


def follow(  # noqa: PLR0913  all of it says what is shown, and how
    client: Client, project: str, workflow_id: str, *, url: str | None, as_json: bool, quiet: bool = False
) -> None:
    """Show what a run does until its end, then its result. Ctrl-C ends the command, and not the run.

    Args:
        client: of the service.
        project: the id of the project.
        workflow_id: of the run.
        url: what `--url` says, for the sentence after Ctrl-C.
        as_json: show a line of JSON for each change, and for the end.
        quiet: show the result alone.

    Raises:
        ExecutionError: the run did not complete.
    """
    try:
        ended = _watch(client, project, workflow_id, as_json=as_json, quiet=quiet)
    except KeyboardInterrupt:
        again = ["workerhost", "show", project, workflow_id, "--watch", *(["--url", url] if url else [])]
        click.echo(f"\nExecution {workflow_id} goes on; look at it again with: {shlex.join(again)}", err=True)
        click.get_current_context().exit(INTERRUPTED)
    if ended.status != ExecutionStatus.COMPLETED:
        raise ExecutionError(ended)
    if not as_json:
        click.echo(as_text(ended.result))


def _watch(client: Client, project: str, workflow_id: str, *, as_json: bool, quiet: bool) -> ExecutionInfo:
    progress = ProgressLines()
    for change in changes(client, project, workflow_id):
        if as_json:
            show_json_line({"step" if isinstance(change, StepInfo) else "execution": change.raw})
        elif not quiet:
            for line in progress.lines(change):
                click.echo(line)
        if isinstance(change, ExecutionInfo):
            latest = change
    if not as_json and not quiet:
        click.echo(outcome_line(latest))
    return latest
