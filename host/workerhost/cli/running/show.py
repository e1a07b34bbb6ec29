"""`workerhost show`: one run, and what it has done."""

from collections import deque
from collections.abc import Iterable

import click

from workerhost.answers import ExecutionInfo, StepInfo
from workerhost.cli.connection import connect, project_argument, run_argument, show_json, url_option
from workerhost.cli.output import as_text, between, colored, cut, short, show_fields, show_table
from workerhost.cli.running.following import follow
from workerhost.cli.running.rendering import HEAD, failed_node, failure_text, stack_trace, step_rows
from workerhost.service_log.text import on_one_line

LONGEST_VALUE = 2000
"""Characters of an argument or a result that are shown; `--json` shows all that the API does."""


@click.command
@project_argument
@run_argument
@click.option("--watch", "--follow", "watch", is_flag=True, help="Go on until the end of the run, as `run` does.")
@click.option(
    "--steps",
    "most",
    type=click.IntRange(0, 100_000),
    default=100,
    show_default=True,
    help="How many of the latest steps are shown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON alone; with --watch, a line for each change.")
@url_option
def show(  # noqa: PLR0913  the options of the command
    *, project: str, workflow_id: str, watch: bool, most: int, as_json: bool, url: str | None
) -> None:
    """Show one run: how far it is, its steps, its result or why it failed.

    Shows the latest run of WORKFLOW_ID in PROJECT, and why it does not go on where it is stuck. With --watch, the exit
    code is 1 if the run does not complete; Ctrl-C ends this command and not the run.
    """
    with connect(url) as client:
        execution = client.execution(project, workflow_id)
        if watch:
            if not as_json:
                _show_beginning(execution)
                click.echo()
            follow(client, project, workflow_id, url=url, as_json=as_json)
            return
        steps, before = _latest(client.steps(project, workflow_id), most)
        if as_json:
            show_json({"execution": execution.raw, "steps": [step.raw for step in steps]})
            return
    _show_execution(execution)
    _show_steps(steps, before)
    if trace := stack_trace(execution.failure):
        click.echo(f"\n{_lines(trace)}")


def _show_beginning(execution: ExecutionInfo) -> None:
    show_fields(_beginning(execution))


def _show_execution(execution: ExecutionInfo) -> None:
    said = failure_text(execution.failure) if execution.failure else execution.error or ""
    show_fields(
        [
            *_beginning(execution),
            ("Ended", execution.closed_at),
            ("Took", between(execution.started_at, execution.closed_at)),
            ("Result", None if execution.result is None else as_text(execution.result, LONGEST_VALUE)),
            ("Failure", None if execution.stuck else cut(said, LONGEST_VALUE)),
            ("At node", on_one_line(failed_node(execution.failure) or "") or None),
            ("Stuck", execution.stuck and on_one_line(execution.stuck.reason)),
            ("Stuck since", execution.stuck and execution.stuck.since),
        ]
    )


def _beginning(execution: ExecutionInfo) -> list[tuple[str, object]]:
    return [
        ("Execution", execution.workflow_id),
        ("Type", execution.workflow_type),
        ("Status", colored(execution.status)),
        ("Run", execution.run_id),
        ("Build", short(execution.build_id) if execution.build_id else None),
        ("Begun by", execution.parent and execution.parent.workflow_id),
        ("Input", ", ".join(as_text(value, LONGEST_VALUE) for value in execution.input or ())),
        ("Memo", as_text(execution.memo, LONGEST_VALUE) if execution.memo else None),
        ("Found by", as_text(execution.search_attributes, LONGEST_VALUE) if execution.search_attributes else None),
        ("Started", execution.started_at),
    ]


def _latest(steps: Iterable[StepInfo], most: int) -> tuple[list[StepInfo], int]:
    """Return the latest steps, and how many there are before them."""
    kept: deque[StepInfo] = deque(maxlen=most)
    count = 0
    for step in steps:
        kept.append(step)
        count += 1
    return list(kept), count - len(kept)


def _show_steps(steps: list[StepInfo], before: int) -> None:
    if not steps:
        return
    click.echo()
    if before:
        click.echo(f"The latest of {before + len(steps)} steps; --steps shows more:")
    show_table(HEAD, step_rows(steps))


def _lines(text: str) -> str:
    return "\n".join(on_one_line(line) for line in text.splitlines())
