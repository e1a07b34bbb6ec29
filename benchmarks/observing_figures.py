"""What it costs to look on: throughput with statistics, metrics and logs, and reading metrics of many projects."""

import asyncio
import json
import statistics
import subprocess
import sys
import threading
from contextlib import closing

import click
import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from fleet_figures import MakeFleet
from fleet_service import HostProcess
from measure import WARM_UP, Figure, Options, latency, milliseconds

LOGGING = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def greet(name: str) -> str:
    activity.logger.info("greeting %s", name)
    return f"Hello {name}!"


@workflow.defn(name="BenchWorkflow")
class BenchWorkflow:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))
"""

OFF = dict.fromkeys(("WORKERHOST_STATISTICS", "WORKERHOST_METRICS", "WORKERHOST_PROJECT_LOGS"), "false")

ROUNDS, QUICK_ROUNDS = 15, 1

SCRAPE_SECONDS = 5.0
"""Three times as often as Prometheus reads by default."""

RUNS_AT_ONCE = 20


def observed(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """Workflows of one activity that logs a line: statistics, metrics and logs all on beside all off."""
    with make_fleet() as seen, make_fleet() as unseen:
        (on,) = seen.add_projects(1, LOGGING, ("BenchWorkflow",), ("greet",))
        (off,) = unseen.add_projects(1, LOGGING, ("BenchWorkflow",), ("greet",))
        host = seen.start("serve")
        host.wait_for_api().close()  # by then its port is taken, and the other host chooses another one
        unseen.start("serve", **OFF)
        seen.wait_for_polling(1)
        unseen.wait_for_polling(1)
        command = [sys.executable, str(options.bench / "drive.py"), "--address", seen.temporal.address]
        command += ["--task-queue", f"{on}-queue", "--versus", f"{off}-queue", "--count", str(options.count(300))]
        command += ["--rounds", str(QUICK_ROUNDS if options.quick else ROUNDS)]
        click.echo("all on and all off …", err=True)
        with closing(host.wait_for_api()) as api, _Scraping(api):
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(output.splitlines()[-1])
    return [
        Figure(
            name="throughput with statistics, metrics and logs against none of them, 20 in flight",
            target="0.97",
            measured=f"{found['median']:.2f}",
            met=found["median"] >= 0.97,
            details={"ratios": found["throughput_ratio"]},
        )
    ]


def scraped(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """`GET /metrics` with a thousand projects on one host that have all run, and `GET /health` beside it."""
    count = 100 if options.quick else 1000
    with make_fleet() as fleet:
        projects = fleet.add_projects(count, LOGGING, ("BenchWorkflow",), ("greet",))
        host = fleet.start("serve", WORKERHOST_PROCESS_IDLE="5")  # since all projects get a process
        fleet.wait_for_polling(count)
        click.echo("one run of each …", err=True)
        asyncio.run(_run_each(fleet.temporal.address, projects))
        with closing(host.wait_for_api()) as api:
            sizes: list[int] = []
            took = milliseconds(lambda _: sizes.append(_size(api)), range(WARM_UP + options.count(100)), "metrics")
            alone = _health(api, options)
            beside = _health_beside(host, api, options)
    kilobytes = statistics.median(sizes) / 1024
    return [
        latency(f"GET /metrics with {count:,} projects that have run", took[WARM_UP:], p50=50),
        Figure(
            name=f"size of that answer with {count:,} projects",
            target="2,048 KB",
            measured=f"{kilobytes:,.0f} KB",
            met=kilobytes <= 2048,
            details={"bytes": max(sizes)},
        ),
        latency("GET /health alone", alone, p99=10),
        latency("GET /health beside GET /metrics once a second", beside, p99=10),
    ]


async def _run_each(address: str, projects: list[str]) -> None:
    """Run a workflow with an activity in each project, so that the host has figures of all of them."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    places = asyncio.Semaphore(RUNS_AT_ONCE)

    async def run(project: str) -> None:
        async with places:
            await client.execute_workflow("BenchWorkflow", "Ada", id=f"once-{project}", task_queue=f"{project}-queue")

    await asyncio.gather(*map(run, projects))


def _size(api: httpx.Client) -> int:
    return len(api.get("/metrics").raise_for_status().content)


def _health(api: httpx.Client, options: Options) -> list[float]:
    took = milliseconds(lambda _: api.get("/health").raise_for_status(), range(options.count(3000)), "health")
    return took[WARM_UP:]


def _health_beside(host: HostProcess, api: httpx.Client, options: Options) -> list[float]:
    with closing(host.wait_for_api()) as other, _Scraping(other, seconds=1.0):
        return _health(api, options)


class _Scraping:
    """Reads the metrics again and again in a thread of its own, for as long as the block takes."""

    def __init__(self, api: httpx.Client, *, seconds: float = SCRAPE_SECONDS) -> None:
        self._api = api
        self._seconds = seconds
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._seconds):
            _size(self._api)


OBSERVING_FIGURES = {"observed": observed, "scraped": scraped}
