"""What the benchmarks share: a service to measure, repeating, and figures with their targets."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from workerhost.cli.serving.local import LocalService

WARM_UP = 5
"""Repetitions before those that count."""


@dataclass(frozen=True)
class Options:
    """How a run is to measure."""

    bench: Path
    quick: bool

    def count(self, repetitions: int) -> int:
        """Return how often to repeat: few times where only the benchmark itself is tried."""
        return max(3, repetitions // 20) if self.quick else repetitions


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its target."""

    name: str
    target: str
    measured: str
    met: bool
    details: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return this as plain values."""
        return asdict(self)


def call(api: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Return the JSON of an API's answer; an error ends the benchmark."""
    answer = api.request(method, path, json=body)
    if answer.is_error:
        raise click.ClickException(f"{method} {path} was answered with {answer.status_code}: {answer.text}")
    return answer.json()


class Rest:
    """One keep-alive connection to a service; errors of calls end the benchmark."""

    def __init__(self, service: LocalService) -> None:
        self.service = service
        self._client = httpx.Client(base_url=service.url, timeout=60, trust_env=False)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the answer's JSON."""
        return call(self._client, method, path, body)

    def put_project(self, project: str, workflow: str, version: str, code: str) -> None:
        """Store a project of one workflow."""
        self.call("PUT", f"/projects/{project}", {})
        self.call("PUT", f"/projects/{project}/workflows/{workflow}", {"version": version, "workflowCode": code})

    def start(self, project: str) -> None:
        """Start the project's worker and wait until it polls."""
        self.call("POST", "/workers/start", {"projectId": project})

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def milliseconds(action: Callable[[int], object], numbers: Iterable[int], what: str) -> list[float]:
    """Do `action` with each number, showing progress, and return how long each took."""
    took = []
    with click.progressbar(list(numbers), label=what, file=sys.stderr) as progress:
        for number in progress:
            began = time.perf_counter()
            action(number)
            took.append(1000 * (time.perf_counter() - began))
    return took


def latency(name: str, took: list[float], *, p50: float | None = None, p99: float | None = None) -> Figure:
    """Return a figure of latencies in milliseconds, met where every given bound is."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    measured = {"p50": cuts[49], "p99": cuts[98]}
    bounds = {key: bound for key, bound in (("p50", p50), ("p99", p99)) if bound is not None}
    return Figure(
        name=name,
        target=", ".join(f"{key} {bound:g} ms" for key, bound in bounds.items()),
        measured=", ".join(f"{key} {measured[key]:.1f} ms" for key in bounds),
        met=all(measured[key] <= bound for key, bound in bounds.items()),
        details={"count": len(took), "max": max(took), **measured},
    )
