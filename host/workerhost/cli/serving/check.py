"""`workerhost check`."""

import contextlib
import sys
import tempfile
from pathlib import Path

import click

from workerhost.cli.connection import URL_HELP, connect
from workerhost.cli.serving.local import LocalService, Ports
from workerhost.cli.serving.samples import run_samples, sample_projects
from workerhost.settings import load_settings


@click.command
@click.option("--url", help=URL_HELP)
@click.option("--embedded", is_flag=True, help="Bring up a service of its own, check it, and take it down again.")
def check(url: str | None, *, embedded: bool) -> None:
    """Run the sample workflows through the REST API of a service and print their results.

    Deploys the sample projects of the installed plugins if they are not there. The exit code is 1 if anything fails.
    """
    if embedded and url:
        raise click.UsageError("--embedded brings its own service; leave --url out")
    with contextlib.ExitStack() as stack:
        if embedded:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="workerhost-check-"))
            url = stack.enter_context(LocalService(Path(folder), load_settings(), Ports(), with_ui=False)).url
        client = stack.enter_context(connect(url))
        passed = run_samples(client, sample_projects())
    click.echo("All checks passed." if passed else "Some checks failed.")
    sys.exit(0 if passed else 1)
