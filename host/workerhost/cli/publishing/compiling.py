"""`workerhost compile`, and how problems of drawings are shown."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from workerhost.answers import CompileResult, DrawingProblemInfo
from workerhost.cli.connection import connect, service_options, show_json
from workerhost.cli.output import show_table
from workerhost.drawing import DrawingProblem
from workerhost.folders import read_drawn


@click.command("compile")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", metavar="PROJECT", help="Ask the service, with the activities and settings of this project.")
@click.option("--map", "shows_map", is_flag=True, help="Print in which line the code of each node begins.")
@service_options
def compile_(*, file: Path, project: str | None, shows_map: bool, url: str | None, as_json: bool) -> None:
    """Print the code that a drawing becomes, and store nothing.

    FILE is a canvas graph, an Open Workflow document or another drawing that an installed plugin compiles. If it is
    the workflow.json or workflow.yaml of a workflow's folder, it may call the activities in activities.py beside it.
    Without --project no service is needed. What is wrong with the drawing is printed with its nodes, and the exit code
    is 1.
    """
    if url and not project:
        raise click.UsageError("--url is that of the service that --project asks; give --project as well")
    made = _compile_there(file, project, url) if project else _compile_here(file)
    if as_json:
        show_json(made.to_json())
    else:
        _show(made, shows_map=shows_map)
    sys.exit(1 if made.problems else 0)


def show_problems(problems: Iterable[DrawingProblemInfo], begin: str) -> None:
    """Print problems or warnings of a drawing to standard error, each in a line that begins with a word."""
    for each in problems:
        place = f"workflow {each.workflow}, " if each.workflow else ""
        click.echo(f"{begin}: {place}{DrawingProblem(each.reason, each.node, each.path)}", err=True)


def _compile_there(file: Path, project: str, url: str | None) -> CompileResult:
    drawn = read_drawn(file)
    with connect(url) as client:
        return client.compile(
            project, drawn.drawing, name=drawn.name, activities_code=drawn.activities_code, modules=drawn.modules
        )


def _compile_here(file: Path) -> CompileResult:
    from workerhost.api.conversions import compile_result  # noqa: PLC0415  with --project, no host is loaded
    from workerhost.runtime.drawings.alone import compile_alone  # noqa: PLC0415

    return compile_result(compile_alone(read_drawn(file)))


def _show(made: CompileResult, *, shows_map: bool) -> None:
    show_problems(made.problems, "Problem")
    show_problems(made.warnings, "Warning")
    if made.problems:
        return
    if shows_map:
        rows = [(each.node, each.line, each.type or "", each.label or "") for each in made.map]
        show_table(("NODE", "LINE", "TYPE", "LABEL"), rows)
    else:
        click.echo(made.workflow_code, nl=False)
