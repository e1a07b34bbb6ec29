"""Prometheus as its own programs: one that runs for a while, and what it answers."""

import contextlib
import math
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from watching.description import Query, as_asked

SCRAPE_SECONDS = 1
RATE_INTERVAL = "10s"

PROMETHEUS, PROMTOOL = "prometheus", "promtool"


class MissingProgramError(Exception):
    """A program is not installed; says what to install."""


def program(name: str) -> str:
    """Return the path of a program of Prometheus.

    Raises:
        MissingProgramError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingProgramError(
            f"{name} is missing. On Debian and Ubuntu: apt install prometheus, which brings it. Its service need not"
            " run: systemctl disable --now prometheus"
        )
    return found


@dataclass(frozen=True)
class Series:
    """One line that Prometheus answers: its labels, and its values by their time; None where it has no number."""

    labels: Mapping[str, str]
    values: Mapping[float, float]

    def name(self, legend: str) -> str:
        """Return its name as Grafana writes it."""
        return re.sub(r"\{\{(\w+)\}\}", lambda found: self.labels.get(found[1], ""), legend).strip()


class Prometheus:
    """A Prometheus that runs.

    Args:
        url: where it answers.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/-/ready", trust_env=False).is_success
        return False

    def ask(self, query: Query) -> list[Series]:
        """Return what a query of a panel shows now; what is no number is left out."""
        return self._ask("query", {"query": as_asked(query.expression, RATE_INTERVAL)})

    def ask_range(self, query: Query, start: float, end: float, step: float) -> list[Series]:
        """Return what a query of a panel shows from `start` to `end`, in seconds since 1970, in steps of so many."""
        span = {"start": start, "end": end, "step": step}
        return self._ask("query_range", {"query": as_asked(query.expression, RATE_INTERVAL), **span})

    def alerts(self) -> dict[str, str]:
        """Return the states of the alerts that are not quiet, by their names."""
        answer = httpx.get(f"{self.url}/api/v1/alerts", trust_env=False).raise_for_status().json()
        return {each["labels"]["alertname"]: each["state"] for each in answer["data"]["alerts"]}

    def _ask(self, kind: str, parameters: Mapping[str, Any]) -> list[Series]:
        answer = httpx.get(f"{self.url}/api/v1/{kind}", params=dict(parameters), trust_env=False, timeout=30)
        found = answer.raise_for_status().json()["data"]["result"]
        series = [Series(each["metric"], _numbers(each.get("values") or [each["value"]])) for each in found]
        return sorted((each for each in series if each.values), key=lambda each: sorted(each.labels.items()))


def _numbers(values: Sequence[tuple[float, str]]) -> dict[float, float]:
    return {at: number for at, text in values if math.isfinite(number := float(text))}


def configuration(targets: Sequence[str], rules: Path) -> str:
    """Return a configuration that asks the targets (`host:port`) each second."""
    job = {"job_name": "workerhost", "static_configs": [{"targets": list(targets)}]}
    often = {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s"}
    return yaml.safe_dump({"global": often, "rule_files": [str(rules)], "scrape_configs": [job]})


@contextlib.contextmanager
def running_prometheus(folder: Path, port: int, targets: Sequence[str], rules: Path) -> Iterator[Prometheus]:
    """Run a Prometheus on loopback until the block ends.

    Args:
        folder: where its data and its log go.
        port: that it listens on.
        targets: what it asks, each as `host:port`.
        rules: the file of its alerts.

    Raises:
        MissingProgramError: it is not installed.
    """
    config = folder / "prometheus.yaml"
    config.write_text(configuration(targets, rules))
    command = [
        program(PROMETHEUS),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(30)
