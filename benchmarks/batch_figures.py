"""How fast one batch starts many executions, beside the bare SDK's client."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Callable

from temporalio.client import Client

from measure import Figure, Options, Rest

ECHO = """
from temporalio import workflow


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return text
"""

STARTS, QUICK_STARTS = 10_000, 1_000

ROUNDS = 4
"""An even number, so that each side is the first one as often as the other: the server gets slower as it fills."""

WARM_UP_STARTS = 200

SDK_AT_ONCE = 64
"""Starts that the SDK's client asks for at the same time: as many as a batch, and more are no faster."""

LOOK_SECONDS = 0.1


def batch(rest: Rest, options: Options) -> list[Figure]:
    """Many starts by one batch, and by the SDK's client, in turns; the project is stopped, so that starts are all."""
    count = QUICK_STARTS if options.quick else STARTS
    rounds = 1 if options.quick else ROUNDS
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(-1, rounds):
        counted = count if number >= 0 else WARM_UP_STARTS
        project = f"batch-{uuid.uuid4().hex[:8]}"
        rest.put_project(project, "echo", "1", ECHO)
        for side in ("ours", "theirs") if number % 2 else ("theirs", "ours"):
            if side == "ours":
                ours.append(counted / _start_with_batch(rest, project, counted))
            else:
                theirs.append(counted / _start_with_sdk(rest, f"{project}-queue", counted))
    ours, theirs = ours[1:], theirs[1:]
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return [
        Figure(
            name=f"{count:,} starts by one batch, beside the SDK's client",
            target="ratio 0.9",
            measured=f"ratio {ratio:.2f}: {statistics.median(ours):.0f} a second, {statistics.median(theirs):.0f}",
            met=ratio >= 0.9,
            details={"ours": ours, "theirs": theirs, "ratio": ratio},
        )
    ]


def _start_with_batch(rest: Rest, project: str, count: int) -> float:
    """Return the seconds from the call to the end of the batch."""
    executions = [{"workflowType": "Echo", "args": [f"number {number}"]} for number in range(count)]
    began = time.perf_counter()
    body = {"operation": "start", "executions": executions}
    path = f"/projects/{project}/batches"
    begun = rest.call("POST", path, body)
    while (found := rest.call("GET", f"{path}/{begun['batchId']}"))["endedAt"] is None:
        time.sleep(LOOK_SECONDS)
    took = time.perf_counter() - began
    assert (found["status"], found["done"]) == ("completed", count), found
    return took


def _start_with_sdk(rest: Rest, queue: str, count: int) -> float:
    """Return the seconds until all are started."""
    return asyncio.run(_start_all(rest.service.temporal.address, queue, count))


async def _start_all(address: str, queue: str, count: int) -> float:
    client = await Client.connect(address)
    numbers = iter(range(count))

    async def start() -> None:
        for number in numbers:
            await client.start_workflow("Echo", f"number {number}", id=f"{queue}-sdk-{number}", task_queue=queue)

    began = time.perf_counter()
    await asyncio.gather(*(start() for _ in range(SDK_AT_ONCE)))
    return time.perf_counter() - began


BATCH_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"batch": batch}
