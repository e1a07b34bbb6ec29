"""`workerhost rollback`, `promote` and `move`: which build runs take."""

import click

from workerhost.answers import BuildChangeResult, BuildMoveInfo, DivergedRunInfo
from workerhost.cli.completion import complete_open_runs
from workerhost.cli.connection import connect, full_build_id, project_argument, service_options, show_json
from workerhost.cli.output import said_when_slow, short, show_table
from workerhost.client import Client
from workerhost.words import CURRENT, MoveStatus


@click.command
@project_argument
@click.option("--to", "build", metavar="BUILD", help="Id of the build to go back to, or its first digits.")
@click.option("--version", help="Go back to the build with this version.")
@click.option("--workflow", metavar="NAME", help="The workflow of --version, if the project has several.")
@service_options
def rollback(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    build: str | None,
    version: str | None,
    workflow: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Have new runs take an earlier build.

    New runs of PROJECT take the build before the current one, or the build that --to or --version names. While a build
    is ramping, they all take the current one again. Runs that are open stay on their build; `workerhost move` moves
    them.
    """
    if build and version:
        raise click.UsageError("--to and --version both name a build; give one of them")
    if workflow and not version:
        raise click.UsageError("--workflow says whose version --version is")
    with connect(url) as client, said_when_slow(f"Rolling project {project} back …", quiet=as_json):
        build_id = full_build_id(client, project, build) if build else None
        _show_change(client.roll_back(project, build=build_id, version=version, workflow=workflow), as_json=as_json)


@click.command
@project_argument
@service_options
def promote(*, project: str, url: str | None, as_json: bool) -> None:
    """Have all new runs take the ramping build.

    `workerhost deploy --ramp` gives a build to a share of the new runs of PROJECT. This command gives it to all.
    """
    with connect(url) as client, said_when_slow(f"Promoting the build of project {project} …", quiet=as_json):
        _show_change(client.promote(project), as_json=as_json)


@click.command
@project_argument
@click.argument("workflow_id", metavar="[WORKFLOW_ID]", required=False, shell_complete=complete_open_runs)
@click.option("--from", "from_build", metavar="BUILD", help="Move all open runs of this build.")
@click.option("--to", "to_build", metavar="BUILD", default=CURRENT, help="The build to move to; else the current one.")
@service_options
def move(  # noqa: PLR0913  the options of the command
    *,
    project: str,
    workflow_id: str | None,
    from_build: str | None,
    to_build: str,
    url: str | None,
    as_json: bool,
) -> None:
    """Move open runs to another build.

    Moves the run WORKFLOW_ID of PROJECT, or with --from all runs that are open on a build. A run is moved only where
    its history replays on the other build; the others stay and are listed with the reason. A build is named by its id
    or the first digits of it, as `workerhost status PROJECT` shows them.
    """
    if (workflow_id is None) == (from_build is None):
        raise click.UsageError("name one run with WORKFLOW_ID, or all open runs of a build with --from")
    with connect(url) as client:
        target = full_build_id(client, project, to_build)
        if workflow_id is not None:
            with said_when_slow(f"Moving {workflow_id} …", quiet=as_json):
                moved = client.move(project, workflow_id, target)
            show_json(moved.raw) if as_json else click.echo(moved.message)
        elif from_build is not None:
            source = full_build_id(client, project, from_build)
            _move_all(client, project, source, target, as_json=as_json)


def _move_all(client: Client, project: str, source: str, target: str, *, as_json: bool) -> None:
    move = client.move_all(project, source, target, progress=None if as_json else _Progress())
    if as_json:
        show_json(move.raw)
    else:
        click.echo(move.message or f"Moved {move.moved} of {move.total} runs, from {move.from_build}")
        if move.not_moved:
            show_table(("NOT MOVED", "TYPE", "EVENT", "REASON"), [_not_moved(each) for each in move.not_moved])
    if move.status == MoveStatus.FAILED:
        click.get_current_context().exit(1)


class _Progress:
    """Says on standard error how far a move has come, whenever it has come further."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, move: BuildMoveInfo) -> None:
        done = move.moved + len(move.not_moved)
        if move.status == MoveStatus.RUNNING and done != self._said:
            self._said = done
            click.echo(f"{done} of {move.total} runs of {short(move.from_build)} are done …", err=True)


def _not_moved(run: DivergedRunInfo) -> tuple[object, ...]:
    event = f"{run.event.id} {run.event.type}" if run.event else None
    return run.workflow_id, run.workflow_type, event, run.reason


def _show_change(change: BuildChangeResult, *, as_json: bool) -> None:
    show_json(change.raw) if as_json else click.echo(change.message)
