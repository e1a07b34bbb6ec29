"""The figures of publishing: how soon a build is live on all hosts, what it breaks, what it leaves, how runs move."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict
from multiprocessing import get_context
from typing import Any

import click
import httpx
from temporalio.client import Client, WorkflowHandle

from figures import HELLO
from fleet_figures import MakeFleet
from fleet_service import FleetService, wait_until
from measure import WARM_UP, Figure, Options, call, latency, milliseconds
from publish_load import Load
from publish_memory import LOOK_EVERY, publish_again_and_again
from publish_workloads import (
    JOURNEY,
    JOURNEY_ACTIVITIES,
    JOURNEY_TYPES,
    WAIT,
    WAIT_ACTIVITIES,
    WAIT_TYPES,
    of_build,
)

CALLS_AT_ONCE = 50
"""Calls of a Temporal client that are under way together."""


def publish_on_two_hosts(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """From the `PUT` of a new version to the end of the first execution on it, with two hosts."""
    with make_fleet() as fleet:
        [project] = fleet.add_projects(1, HELLO.format(number=0), ("Hello",), (), replicas=2)
        with closing(fleet.start("serve", "--workers", "2").wait_for_api()) as api:
            fleet.wait_for_polling(2)
            runs = f"/projects/{project}/executions"

            def publish_and_run(number: int) -> None:
                _publish(api, project, number, HELLO.format(number=number))
                started = call(api, "POST", runs, {"workflowType": "Hello"})
                ended = call(api, "GET", f"{runs}/{started['workflowId']}?wait=30")
                if ended.get("result") != number:
                    raise click.ClickException(f"version {number} was published, and the execution returned {ended}")

            milliseconds(publish_and_run, range(1000, 1000 + WARM_UP), "warm-up")
            took = milliseconds(publish_and_run, range(1, options.count(50) + 1), "publish and run on two hosts")
    return [latency("publish to the end of the first execution on it, two hosts", took, p50=250, p99=1000)]


def _publish(api: httpx.Client, project: str, number: int, code: str) -> str:
    body = {"version": f"build-{number}", "workflowCode": code}
    return str(call(api, "PUT", f"/projects/{project}/workflows/main", body)["buildId"])


def publish_under_load(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """Publishes, with restarts of the workers in between, while executions of all kinds of steps go on."""
    publishes, count = options.count(20), options.count(2000)
    with make_fleet() as fleet:
        source = of_build(0, JOURNEY)
        [project] = fleet.add_projects(1, source, JOURNEY_TYPES, JOURNEY_ACTIVITIES, replicas=2)
        with closing(fleet.start("serve", "--workers", "2").wait_for_api()) as api:
            fleet.wait_for_polling(2)
            began = time.monotonic()
            load = asyncio.run(_publish_and_restart(fleet, api, project, count, publishes))
            seconds = time.monotonic() - began
    return [
        Figure(
            name=f"{publishes} publishes under load: failed, lost and mixed of {count} executions",
            target="0, 0, 0",
            measured=f"{load.failed}, {load.lost}, {load.mixed}",
            met=load.failed == load.lost == load.mixed == 0,
            details={
                "publishes": publishes,
                "restarts": publishes,
                "seconds": round(seconds, 1),
                "endedAfterALaterPublish": load.crossed,
                "beganAfterPublishAndRanOnOlderBuild": load.stale,
                "executionsByBuild": {str(build): load.builds[build] for build in sorted(load.builds)},
            },
        )
    ]


async def _publish_and_restart(
    fleet: FleetService, api: httpx.Client, project: str, count: int, publishes: int
) -> Load:
    load = Load(await Client.connect(fleet.temporal.address), f"{project}-queue", count)
    executions = asyncio.ensure_future(load.run())
    turns = 2 * publishes
    for turn in range(turns):
        await load.reaches(count * (turn + 1) // (turns + 1))
        if turn % 2:
            await asyncio.to_thread(call, api, "POST", "/workers/restart", {"projectId": project})
        else:
            number = turn // 2 + 1
            await asyncio.to_thread(_publish, api, project, number, of_build(number, JOURNEY))
            load.published = number
            click.echo(f"published {number} of {publishes}, {load.ended} of {count} executions have ended", err=True)
    await executions
    return load


def memory_of_publishes(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """What a host process takes after many publishes of one project, compared with after a few."""
    publishes = 2 * LOOK_EVERY if options.quick else 200
    with make_fleet() as fleet:
        [project] = fleet.add_projects(1, of_build(0, JOURNEY), JOURNEY_TYPES, JOURNEY_ACTIVITIES)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            where = fleet.database_url, fleet.temporal.address
            looks = process.submit(publish_again_and_again, *where, project, LOOK_EVERY + publishes).result()
    growth = 100 * (looks[-1].megabytes / looks[0].megabytes - 1)
    return [
        Figure(
            name=f"memory of a host after {publishes} publishes more",
            target="within 10%",
            measured=f"{growth:+.1f}%",
            met=growth <= 10,
            details={"looks": [asdict(look) for look in looks]},
        )
    ]


def replay_proof(make_fleet: MakeFleet, options: Options) -> list[Figure]:
    """A move of many open runs to another build, each proven by a replay of its history."""
    count = options.count(1000)
    with make_fleet() as fleet:
        [project] = fleet.add_projects(1, of_build(0, WAIT), WAIT_TYPES, WAIT_ACTIVITIES)
        with closing(fleet.start("serve").wait_for_api()) as api:
            fleet.wait_for_polling(1)
            waiting = _WaitingRuns(fleet, project, count)
            events = asyncio.run(waiting.begin())
            old = call(api, "GET", f"/projects/{project}/deployment")["currentBuild"]
            wait_until(lambda: _open_runs(api, project, old) == count, 60, "all runs are visible")
            new = _publish(api, project, 1, of_build(1, WAIT))
            began = time.monotonic()
            move = _move(api, project, old, new)
            seconds = time.monotonic() - began
            asyncio.run(waiting.end(1))
    moved = int(move["moved"])
    return [
        Figure(
            name=f"replay proof and move of {count} open runs",
            target="20 s",
            measured=f"{seconds:.1f} s",
            met=seconds < 20 and move["status"] == "completed" and moved == count,
            details={"eventsEach": events, "moved": moved, "notMoved": len(move["notMoved"]), "seconds": seconds},
        )
    ]


def _open_runs(api: httpx.Client, project: str, digest: str) -> int:
    builds = call(api, "GET", f"/projects/{project}/deployment")["builds"]
    return next(int(build["openRunCount"] or 0) for build in builds if build["digest"] == digest)


def _move(api: httpx.Client, project: str, old: str, new: str) -> dict[str, Any]:
    path = f"/projects/{project}/deployment/move"
    move: dict[str, Any] = call(api, "POST", f"{path}?timeout=100", {"from": old, "to": new})
    while move["status"] == "running":
        time.sleep(0.1)
        move = call(api, "GET", f"{path}s/{move['moveId']}")
    return move


class _WaitingRuns:
    """Runs of the workflow `Wait`."""

    def __init__(self, fleet: FleetService, project: str, count: int) -> None:
        self._address = fleet.temporal.address
        self._queue = f"{project}-queue"
        run = uuid.uuid4().hex[:6]
        self._ids = [f"wait-{run}-{number}" for number in range(count)]

    async def begin(self) -> float:
        """Start them, wait until all wait for their signal, and return the events that each has."""

        async def begin(client: Client, workflow_id: str) -> int:
            handle = await client.start_workflow("Wait", id=workflow_id, task_queue=self._queue)
            while not await handle.query("waits"):  # noqa: ASYNC110  a query is the only way to know
                await asyncio.sleep(0.05)
            return (await handle.describe()).history_length

        return statistics.mean(await self._each(begin, "waiting runs"))

    async def end(self, build: int) -> None:
        """End them, and see that they did so on that build."""

        async def end(client: Client, workflow_id: str) -> int:
            handle: WorkflowHandle[Any, int] = client.get_workflow_handle(workflow_id)
            await handle.signal("end")
            return await handle.result()

        ended = set(await self._each(end, "ends of the runs"))
        if ended != {build}:
            raise click.ClickException(f"runs were moved to build {build} and ended on builds {ended}")

    async def _each(self, use: Callable[[Client, str], Awaitable[int]], what: str) -> Sequence[int]:
        click.echo(f"{what} …", err=True)
        client, slots = await Client.connect(self._address), asyncio.Semaphore(CALLS_AT_ONCE)

        async def limited(workflow_id: str) -> int:
            async with slots:
                return await use(client, workflow_id)

        return await asyncio.gather(*(limited(each) for each in self._ids))


PUBLISH_FIGURES = {
    "publish-fleet": publish_on_two_hosts,
    "publish-load": publish_under_load,
    "publish-memory": memory_of_publishes,
    "replay": replay_proof,
}
"""What can be measured of publishing to fleets, by name, in the order of the table."""
