"""The figures: each function measures one on a running service and returns it."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import click
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import workerhost
from measure import WARM_UP, Figure, Options, Rest, latency, milliseconds
from workerhost.cli.serving.samples import deploy, sample_projects

HELLO = """
from temporalio import workflow


@workflow.defn
class Hello:
    @workflow.run
    async def run(self) -> int:
        return {number}
"""

BUSY = """
import time
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def spin(seconds: float) -> int:
    ends, turns = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        turns += 1
    return turns


@workflow.defn
class Busy:
    @workflow.run
    async def run(self, seconds: float) -> int:
        return await workflow.execute_activity(spin, seconds, start_to_close_timeout=timedelta(minutes=5))
"""


def start_over_rest(rest: Rest, options: Options) -> list[Figure]:
    """From `POST /workers/start` to its answer, which comes when the worker polls; another project each time."""
    run, count = uuid.uuid4().hex[:8], options.count(100)
    for number in range(count + WARM_UP):
        rest.put_project(f"start-{run}-{number}", "hello", "1", HELLO.format(number=number))
    for number in range(count, count + WARM_UP):
        rest.start(f"start-{run}-{number}")
    took = milliseconds(lambda number: rest.start(f"start-{run}-{number}"), range(count), "start over REST")
    for number in range(count + WARM_UP):
        rest.call("POST", "/workers/stop", {"projectId": f"start-{run}-{number}"})
    return [latency("start over REST, from request to polling", took, p50=25, p99=100)]


def throughput(rest: Rest, options: Options) -> list[Figure]:
    """The bench workload on a project worker and on a bare worker, in turns."""
    project = f"bench-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "bench", "1", (options.bench / "workload.py").read_text(encoding="utf-8"))
    rest.start(project)
    with _bare_worker(rest, options) as bare_queue:
        return [
            _ratio(rest, (f"{project}-queue", bare_queue), concurrency=20, options=options),
            _ratio(rest, (f"{project}-queue", bare_queue), concurrency=1, options=options),
        ]


@contextmanager
def _bare_worker(rest: Rest, options: Options) -> Iterator[str]:
    queue = f"bare-{uuid.uuid4().hex[:8]}"
    command = [sys.executable, str(options.bench / "bare_worker.py"), "--address", rest.service.temporal.address]
    with subprocess.Popen([*command, "--task-queue", queue], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline().startswith(b"polling"):
                raise click.ClickException("the bare worker did not start")
            yield queue
        finally:
            process.terminate()


def _ratio(rest: Rest, queues: tuple[str, str], *, concurrency: int, options: Options) -> Figure:
    ours, bare = queues
    count = 60 if concurrency == 1 else 300
    command = [sys.executable, str(options.bench / "drive.py"), "--address", rest.service.temporal.address]
    command += ["--task-queue", ours, "--versus", bare, "--concurrency", str(concurrency)]
    command += ["--count", str(options.count(count)), "--rounds", "1" if options.quick else "9"]
    click.echo(f"throughput at {concurrency} in flight …", err=True)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    ratio = float(lines[-1]["median"])
    rates = {queue: _median_rate(lines, queue) for queue in (ours, bare)}
    return Figure(
        name=f"throughput against the bare SDK, {concurrency} in flight",
        target="0.93",
        measured=f"{ratio:.2f}",
        met=ratio >= 0.93,
        details={"rounds": lines[-1]["throughput_ratio"], "perSecond": rates[ours], "barePerSecond": rates[bare]},
    )


def _median_rate(lines: list[dict[str, object]], queue: str) -> float:
    return statistics.median(float(str(line["per_second"])) for line in lines if line.get("task_queue") == queue)


def publish(rest: Rest, options: Options) -> list[Figure]:
    """From the `PUT` of a new version to the end of the first execution on it."""
    project = f"publish-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "hello", "0", HELLO.format(number=0))
    rest.start(project)
    runs = f"/projects/{project}/executions"

    def publish_and_run(number: int) -> None:
        body = {"version": str(number), "workflowCode": HELLO.format(number=number)}
        rest.call("PUT", f"/projects/{project}/workflows/hello", body)
        started = rest.call("POST", runs, {"workflowType": "Hello"})
        ended = rest.call("GET", f"{runs}/{started['workflowId']}?wait=30")
        if ended.get("result") != number:
            raise click.ClickException(f"version {number} was published, and the execution returned {ended}")

    milliseconds(publish_and_run, range(1000, 1000 + WARM_UP), "warm-up")
    took = milliseconds(publish_and_run, range(1, options.count(50) + 1), "publish and run")
    return [latency("publish to the end of the first execution on it", took, p50=250, p99=1000)]


def simple_test_workflow(rest: Rest, options: Options) -> list[Figure]:
    """`simpleTestWorkflow` through the embedded server, from a Temporal client."""
    [project] = [each for each in sample_projects() if each.id == "samples"]
    with workerhost.Client(rest.service.url) as client:
        deploy(client, project)

    async def measure() -> list[float]:
        client = await Client.connect(rest.service.temporal.address, data_converter=pydantic_data_converter)
        took = []
        for number in range(options.count(100) + WARM_UP):
            began = time.perf_counter()
            await client.execute_workflow(
                "simpleTestWorkflow", "hello", id=f"simple-{uuid.uuid4().hex}", task_queue="samples-queue"
            )
            if number >= WARM_UP:
                took.append(1000 * (time.perf_counter() - began))
        return took

    click.echo("simpleTestWorkflow …", err=True)
    return [latency("simpleTestWorkflow, end to end from a client", asyncio.run(measure()), p50=40)]


def health_beside_work(rest: Rest, options: Options) -> list[Figure]:
    """`GET /health` while one project runs a CPU-bound activity."""
    project, count = f"busy-{uuid.uuid4().hex[:8]}", options.count(2000)
    rest.put_project(project, "busy", "1", BUSY)
    rest.start(project)
    runs = f"/projects/{project}/executions"
    started = rest.call("POST", runs, {"workflowType": "Busy", "args": [120]})
    took = milliseconds(lambda _: rest.call("GET", "/health"), range(count + WARM_UP), "GET /health beside work")
    status = rest.call("GET", f"{runs}/{started['workflowId']}")["status"]
    if status != "RUNNING":
        raise click.ClickException(f"the activity did not run for as long as was measured: it is {status}")
    rest.call("POST", f"{runs}/{started['workflowId']}/terminate", {})
    return [latency("GET /health beside a CPU-bound activity", took[WARM_UP:], p99=10)]


FIGURES = {
    "start": start_over_rest,
    "throughput": throughput,
    "publish": publish,
    "simple": simple_test_workflow,
    "health": health_beside_work,
}
"""What can be measured, by name, in the order of the table."""
