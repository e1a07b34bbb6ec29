#!/usr/bin/env python3
"""Records what the questions of the dashboard are answered: docs/pictures/dashboard.json, which draw_docs.py draws.

usage: PYTHONPATH=tests python scripts/record_dashboard.py [--minutes 5]

Starts a Temporal server, a service of two hosts and a Prometheus on loopback, lets projects work and fail for some
minutes, kills one host on the way, and asks every question of docker/observability/watch.toml over that time. The
answers differ each time; a picture is made of them where the dashboard has changed.
"""

import argparse
import json
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generate_dashboard import RULES
from support.processes import RestClient, serve
from support.prometheus import Prometheus, Series, running_prometheus
from support.watched import Work, at_work
from watching.description import ROOT, Query, Watch, read
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port

TARGET = ROOT / "docs/pictures/dashboard.json"
STEP = 3
"""Seconds between two points."""

DIGITS = 3
"""More would not be seen."""


def record(watch: Watch, minutes: float, folder: Path) -> dict[str, Any]:
    """Let a service work for so long, and return the answers to the questions of all panels."""
    temporal = EmbeddedTemporal(folder / "temporal", free_port(), None)
    temporal.start()
    try:
        with serve(folder, temporal, "--workers", "2") as (process, rest):
            work = Work(rest)
            work.begin()
            target = rest.url.removeprefix("http://")
            with running_prometheus(folder, free_port(), [target], ROOT / RULES) as prometheus:
                eventually(prometheus.is_ready)
                with at_work(work):
                    _let_pass(minutes, rest)
                    found = answers(prometheus, watch, minutes)
            process.end()
            return found
    finally:
        temporal.stop()


def _let_pass(minutes: float, rest: RestClient) -> None:
    """Wait, and kill one host when two thirds of the time are over."""
    time.sleep(minutes * 40)
    os.kill(rest.call("GET", "/hosts")["hosts"][0]["processId"], signal.SIGKILL)
    time.sleep(minutes * 20)


def answers(prometheus: Prometheus, watch: Watch, minutes: float) -> dict[str, Any]:
    """Return what the panels show of the last minutes, as `pictures.board` draws it."""
    end = time.time()
    start = end - 60 * minutes
    times = [start + STEP * number for number in range(round(60 * minutes / STEP) + 1)]
    names: dict[str, str] = {}

    def lines(query: Query) -> list[dict[str, Any]]:
        found = prometheus.ask_range(query, times[0], times[-1], STEP)
        return [{"name": _renamed(each, query, names), "values": _values(each, times)} for each in found]

    panels = {panel.title: [lines(query) for query in panel.queries] for panel in watch.panels()}
    return {"step": STEP, "panels": panels}


def _renamed(series: Series, query: Query, names: dict[str, str]) -> str:
    """Return the name of a line, with hosts counted in place of their ids, which say nothing to a reader."""
    host = series.labels.get("host")
    name = series.name(query.legend)
    return name.replace(host, names.setdefault(host, f"host {len(names) + 1}")) if host else name


def _values(series: Series, times: Sequence[float]) -> list[float | None]:
    """Return a value for each time, None where Prometheus has none."""
    by_number = {round((at - times[0]) / STEP): value for at, value in series.values.items()}
    found = (by_number.get(number) for number in range(len(times)))
    return [None if value is None else float(f"{value:.{DIGITS}g}") for value in found]


def main() -> None:
    """Record, and write the answers."""
    parser = argparse.ArgumentParser(description="Record what the dashboard's questions are answered.")
    parser.add_argument("--minutes", type=float, default=5, help="How long; 5 by default.")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        found = record(read(), minutes, Path(folder))
    panels = ",\n".join(f"{json.dumps(title)}: {json.dumps(lines)}" for title, lines in found["panels"].items())
    TARGET.write_text(f'{{"step": {found["step"]}, "panels": {{\n{panels}\n}}}}\n', encoding="utf-8")
    print(TARGET.relative_to(ROOT))


if __name__ == "__main__":
    main()
