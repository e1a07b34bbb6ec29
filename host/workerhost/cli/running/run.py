"""`workerhost run` and `retry`: beginning a run, and showing what it does."""

from typing import TextIO

import click

from workerhost.answers import ExecuteResult
from workerhost.cli.completion import complete_types
from workerhost.cli.connection import connect, project_argument, run_argument, show_json, url_option
from workerhost.cli.output import show_fields
from workerhost.cli.running.arguments import arguments_option, given_arguments, unchecked_option
from workerhost.cli.running.explaining import explained, taken_by_type
from workerhost.cli.running.following import follow, say_begun, say_what_it_waits_for

LINES_HELP = "Print JSON and nothing else, a line for each change."
QUIET_HELP = "Show no steps, and print the result alone."

lines_option = click.option("--json", "as_json", is_flag=True, help=LINES_HELP)


@click.command
@project_argument
@click.argument("workflow_type", metavar="TYPE", shell_complete=complete_types)
@arguments_option
@click.option("--id", "workflow_id", metavar="WORKFLOW_ID", help="Name of the run; else the service makes one.")
@click.option("--detach", is_flag=True, help="Do not wait for the end: print the ids of the run alone.")
@click.option("--quiet", "-q", is_flag=True, help=QUIET_HELP)
@unchecked_option
@lines_option
@url_option
def run(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_type: str,
    args: tuple[str, ...],
    args_json: TextIO | None,
    workflow_id: str | None,
    detach: bool,
    quiet: bool,
    unchecked: bool,
    as_json: bool,
    url: str | None,
) -> None:
    """Run a workflow and show its steps as they happen.

    Begins a run of TYPE in PROJECT and shows what it does until its end, and then its result. Each of ARGS is JSON, or
    text where it is no JSON: 3 is a number, Ada and '"3"' are texts. An argument that begins with - comes after --.

    The exit code is 1 if the run does not complete. Ctrl-C ends this command and not the run.
    """
    values = given_arguments(args, args_json)
    with connect(url) as client:
        with explained(args, lambda: taken_by_type(client, project, workflow_type)):
            begun = client.execute(project, workflow_type, *values, workflow_id=workflow_id, unchecked=unchecked)
        if detach:
            _show_ids(begun, as_json=as_json)
            say_what_it_waits_for(client, project, as_json=as_json)
            return
        sentence = f"Execution {begun.workflow_id} of {workflow_type} began"
        say_begun(begun, sentence, as_json=as_json, quiet=quiet)
        say_what_it_waits_for(client, project, as_json=as_json)
        follow(client, project, begun.workflow_id, url=url, as_json=as_json, quiet=quiet)


@click.command
@project_argument
@run_argument
@click.option("--id", "new_id", metavar="WORKFLOW_ID", help="Name of the new run; else that of the earlier one.")
@click.option("--detach", is_flag=True, help="Do not wait for the end: print the ids of the run alone.")
@click.option("--quiet", "-q", is_flag=True, help=QUIET_HELP)
@unchecked_option
@lines_option
@url_option
def retry(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_id: str,
    new_id: str | None,
    detach: bool,
    quiet: bool,
    unchecked: bool,
    as_json: bool,
    url: str | None,
) -> None:
    """Run once more what has ended, on the current build.

    Begins a run with the type, the arguments and the memo of the latest run WORKFLOW_ID of PROJECT, and shows what it
    does, as `workerhost run` does.
    """
    with connect(url) as client:
        begun = client.retry(project, workflow_id, new_id=new_id, unchecked=unchecked)
        if detach:
            _show_ids(begun, as_json=as_json)
            say_what_it_waits_for(client, project, as_json=as_json)
            return
        sentence = f"Execution {begun.workflow_id} began with the arguments of {workflow_id}"
        say_begun(begun, sentence, as_json=as_json, quiet=quiet)
        say_what_it_waits_for(client, project, as_json=as_json)
        follow(client, project, begun.workflow_id, url=url, as_json=as_json, quiet=quiet)


def _show_ids(begun: ExecuteResult, *, as_json: bool) -> None:
    if as_json:
        show_json(begun.raw)
    else:
        show_fields([("Workflow id", begun.workflow_id), ("Run id", begun.run_id)])
