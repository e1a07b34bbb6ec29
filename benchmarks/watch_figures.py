"""How soon a watcher of a run sees what happens in it."""

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

import workerhost
from measure import WARM_UP, Figure, Options, Rest, latency
from workerhost.answers import StepInfo
from workerhost.words import StepStatus

WALK = '''
import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def pause(number: int) -> int:
    await asyncio.sleep(0.04)
    return number


@workflow.defn
class Walk:
    """Makes steps, one after the other."""

    @workflow.run
    async def run(self, count: int) -> None:
        for number in range(count):
            await workflow.execute_activity(pause, number, start_to_close_timeout=timedelta(seconds=10))
'''

STEPS = 6
"""Of a run."""


@dataclass
class Delays:
    """Milliseconds until a watcher saw something."""

    first: list[float] = field(default_factory=list)
    """The first step of a run, from before the request that starts it."""
    later: list[float] = field(default_factory=list)
    """A later step that began or ended, from then on."""
    running: list[float] = field(default_factory=list)
    """A step whose try began, of which no event says anything until it ends."""


def watch(rest: Rest, options: Options) -> list[Figure]:
    """Runs that are watched with the client, and others that a bare long poll of the SDK's client follows, in turns."""
    project = f"watch-{uuid.uuid4().hex[:8]}"
    rest.put_project(project, "walk", "1", WALK)
    rest.start(project)
    ours, bare = Delays(), Delays()
    with workerhost.Client(rest.service.url) as client, asyncio.Runner() as runner:
        temporal = runner.run(_connected(rest))
        for number in _rounds(options.count(200) + WARM_UP):
            is_warm = number >= WARM_UP
            _watch_one(client, project, ours if is_warm else Delays())
            runner.run(_follow_one(temporal, project, bare if is_warm else Delays()))
    rest.call("POST", "/workers/stop", {"projectId": project})
    return [
        _figure("first step of a run on its stream, after its start", ours.first, bare.first, 60),
        _figure("a later step on the stream, after it began or ended", ours.later, bare.later, 30, ours.running),
    ]


async def _connected(rest: Rest) -> Client:
    return await Client.connect(rest.service.temporal.address)


def _rounds(count: int) -> Iterator[int]:
    with click.progressbar(list(range(count)), label="watched runs", file=sys.stderr) as progress:
        yield from progress


def _watch_one(client: workerhost.Client, project: str, delays: Delays) -> None:
    began, first = time.time(), None
    workflow_id = client.execute(project, "Walk", STEPS).workflow_id
    for told in client.watch(project, workflow_id):
        now = time.time()
        if not isinstance(told, StepInfo):
            continue
        if first is None:
            first = told.id
            delays.first.append(1000 * (now - began))
        elif told.status == StepStatus.RUNNING and told.started_at:
            delays.running.append(_since(told.started_at, now))
        elif told.id != first:
            delays.later.append(_since(told.closed_at or told.scheduled_at, now))


def _since(moment: datetime, now: float) -> float:
    return 1000 * (now - moment.timestamp())


async def _follow_one(client: Client, project: str, delays: Delays) -> None:
    began, first = time.time(), None
    handle = await client.start_workflow("Walk", STEPS, id=f"{project}-{uuid.uuid4()}", task_queue=f"{project}-queue")
    async for event in handle.fetch_history_events(wait_new_event=True):
        now = time.time()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED and first is None:
            first = event.event_id
            delays.first.append(1000 * (now - began))
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED or (
            event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
            and event.activity_task_completed_event_attributes.scheduled_event_id != first
        ):
            delays.later.append(1000 * (now - event.event_time.ToMicroseconds() / 1e6))


def _figure(name: str, ours: list[float], bare: list[float], p50: float, running: Sequence[float] = ()) -> Figure:
    found = latency(name, ours, p50=p50)
    details: dict[str, Any] = {**found.details, "bareP50": statistics.median(bare), "bareCount": len(bare)}
    if running:
        details["runningP50"] = statistics.median(running)
    return Figure(found.name, found.target, found.measured, found.met, details)


WATCH_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"watch": watch}
