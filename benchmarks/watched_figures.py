"""What it costs to watch many runs at once, and what their project loses by it."""

import asyncio
import contextlib
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import click
import psutil
from temporalio.client import Client

import workerhost
from measure import Figure, Options, Rest

PACED = '''
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def tick(number: int) -> int:
    return number


@workflow.defn
class Paced:
    """Makes two steps, a timer and an activity, each time."""

    @workflow.run
    async def run(self, first: float, seconds: float) -> None:
        await workflow.sleep(first)
        for number in range(1000):
            await workflow.execute_activity(tick, number, start_to_close_timeout=timedelta(seconds=10))
            await workflow.sleep(seconds)


@workflow.defn
class Echo:
    """The work by which throughput is measured."""

    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_activity(tick, number, start_to_close_timeout=timedelta(seconds=60))
'''

RUNS = 200

PAUSE_SECONDS = 30.0
"""Between two activities of a run: so the runs take a small part of what the machine can do."""

REST_SECONDS, QUICK_REST_SECONDS = 30.0, 10.0
"""How long it is looked at what watching takes, while nothing else happens."""

SETTLE_SECONDS = 2.0
"""Until watchers that came have been told what had happened before, and until those that left are noticed."""

DRIVEN, QUICK_DRIVEN, AT_ONCE, ROUNDS = 300, 60, 20, 5
"""Executions by which throughput is measured, how many of them are under way at once, and how often that is done."""


@dataclass
class Side:
    """What was measured while the runs were watched, or were not."""

    service: list[float] = field(default_factory=list)
    """Of one core, what the service took, in percent."""
    server: list[float] = field(default_factory=list)
    """The same of Temporal's server."""
    throughput: list[float] = field(default_factory=list)
    """Executions a second."""


def watched(rest: Rest, options: Options) -> list[Figure]:
    """The processor time and the throughput of a project with 200 runs, while each of them is watched, and not."""
    project = f"watched-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "paced", "1", PACED)
    rest.start(project)
    sides = {True: Side(), False: Side()}
    told = asyncio.run(_measure(rest, project, options, sides))
    rest.call("DELETE", f"/projects/{project}")
    cost = statistics.median(one - other for one, other in zip(sides[True].service, sides[False].service, strict=True))
    ratios = [one / other for one, other in zip(sides[True].throughput, sides[False].throughput, strict=True)]
    ratio = statistics.median(ratios)
    return [
        Figure(
            name=f"watching {RUNS} runs that make two steps every {PAUSE_SECONDS:g} s",
            target="10% of a core",
            measured=f"{cost:.1f}% of a core",
            met=cost <= 10,
            details={
                "watched": sides[True].service,
                "unwatched": sides[False].service,
                "serverWatched": sides[True].server,
                "serverUnwatched": sides[False].server,
                "told": told,
            },
        ),
        Figure(
            name=f"throughput of a project while {RUNS} of its runs are watched, against unwatched",
            target="0.95",
            measured=f"{ratio:.2f}",
            met=ratio >= 0.95,
            details={
                "rounds": ratios,
                "perSecond": statistics.median(sides[True].throughput),
                "unwatchedPerSecond": statistics.median(sides[False].throughput),
            },
        ),
    ]


async def _measure(rest: Rest, project: str, options: Options, sides: dict[bool, Side]) -> int:
    temporal = await Client.connect(rest.service.temporal.address)
    ids = await _start_runs(temporal, project)
    await _drive(temporal, project, AT_ONCE)
    told = 0
    for number in range(1 if options.quick else ROUNDS):
        for is_watched in (True, False) if number % 2 else (False, True):
            click.echo(f"round {number + 1}, {'watched' if is_watched else 'unwatched'} …", err=True)
            async with _watching(rest, project, ids if is_watched else []) as count:
                await asyncio.sleep(SETTLE_SECONDS)
                before = count()
                await _look(sides[is_watched], QUICK_REST_SECONDS if options.quick else REST_SECONDS)
                told += count() - before
                sides[is_watched].throughput.append(
                    await _drive(temporal, project, QUICK_DRIVEN if options.quick else DRIVEN)
                )
            await asyncio.sleep(SETTLE_SECONDS)
    return told


async def _start_runs(client: Client, project: str) -> list[str]:
    ids = [f"{project}-{number}" for number in range(RUNS)]
    for number, workflow_id in enumerate(ids):
        args = [PAUSE_SECONDS * number / RUNS, PAUSE_SECONDS]
        await client.start_workflow("Paced", args=args, id=workflow_id, task_queue=f"{project}-queue")
    await asyncio.sleep(PAUSE_SECONDS)  # until each has made a step
    return ids


@contextlib.asynccontextmanager
async def _watching(rest: Rest, project: str, ids: list[str]) -> AsyncIterator[Callable[[], int]]:
    """Watch runs for as long as the block lasts; yields what counts the steps that were told."""
    told: dict[str, int] = {}

    async with workerhost.AsyncClient(rest.service.url) as client:

        async def watch(workflow_id: str) -> None:
            async for _ in client.watch(project, workflow_id):
                told[workflow_id] = told.get(workflow_id, 0) + 1

        tasks = [asyncio.create_task(watch(each)) for each in ids]
        try:
            while len(told) < len(ids):
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.05)
            yield lambda: sum(told.values())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _look(side: Side, seconds: float) -> None:
    """Note what of a core the service and the server take in that time."""
    before, began = _processor_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    after, took = _processor_seconds(), time.perf_counter() - began
    service, server = (100 * (later - earlier) / took for later, earlier in zip(after, before, strict=True))
    side.service.append(service)
    side.server.append(server)


def _processor_seconds() -> tuple[float, float]:
    """Return how long the processes of the service, and those of the server, have used a processor."""
    service = server = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            if process.name().startswith("temporal"):
                server += times.user + times.system
            else:
                service += times.user + times.system
    return service, server


async def _drive(client: Client, project: str, count: int) -> float:
    """Return how many executions end in a second."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            workflow_id = f"{project}-{uuid.uuid4().hex}"
            await client.execute_workflow("Echo", number, id=workflow_id, task_queue=f"{project}-queue")

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


WATCHED_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"watched": watched}
