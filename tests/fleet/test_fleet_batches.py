"""The host that works on a batch is killed in the middle: another one goes on, and does nothing twice."""

import asyncio
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecution

from support import DATABASES
from support.batches import LOOP, counts
from support.fleet import Fleet
from support.journeys import kill_all
from support.processes import RestClient, Workerhost
from workerhost.testing import eventually, unique_id

COUNT = 1000
"""Executions of a batch: as many as a host needs seconds for, so that it can be killed meanwhile."""

GOES_ON_SECONDS = 60
"""How long it may take until a batch has ended whose host was killed: that one is taken for dead after 3 s, and the
others look every 5 s whether something is left behind."""


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def begin_batch(client: RestClient, project_id: str, operation: str, **body: Any) -> str:
    answer = client.call("POST", f"/projects/{project_id}/batches", {"operation": operation, **body})
    return f"/projects/{project_id}/batches/{answer['batchId']}"


def is_in_the_middle(client: RestClient, batch: str) -> bool:
    found = client.call("GET", batch)
    assert found["status"] in ("waiting", "running"), found
    return bool(0 < found["done"] < COUNT)


def ended(client: RestClient, batch: str) -> Any:
    return eventually(lambda: (found := client.call("GET", batch))["endedAt"] and found, GOES_ON_SECONDS)


def kill_in_the_middle(victim: Workerhost, there: RestClient, batch: str) -> Any:
    """Kill the host that works on a batch, and return the report when another one has ended it."""
    eventually(lambda: is_in_the_middle(there, batch), 60)
    kill_all(victim)
    found = there.call("GET", batch)
    assert (found["status"], found["done"] < COUNT) == ("running", True)
    return ended(there, batch)


def runs(address: str, project_id: str) -> list[WorkflowExecution]:
    """Return the runs of a project."""

    async def look() -> list[WorkflowExecution]:
        client = await Client.connect(address)
        return [each async for each in client.list_workflows(f"TaskQueue = '{project_id}-queue'")]

    return asyncio.run(look())


def signals(address: str, found: list[WorkflowExecution]) -> list[int]:
    """Return how many signals each of the runs has got."""

    async def look() -> list[int]:
        client = await Client.connect(address)
        slots = asyncio.Semaphore(50)

        async def count(run: WorkflowExecution) -> int:
            async with slots:
                history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
            kinds = [event.event_type for event in history.events]
            return kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)

        return await asyncio.gather(*(count(each) for each in found))

    return asyncio.run(look())


@pytest.mark.timeout(300)  # it waits twice until a host is taken for dead
def test_a_batch_whose_host_is_killed_starts_none_twice_and_signals_each_once(fleet: Fleet) -> None:
    """No worker runs: the executions wait at Temporal, which has the histories all the same."""
    first, here = fleet.serve()
    second, there = fleet.serve()
    project_id = unique_id("project")
    here.call("PUT", f"/projects/{project_id}")
    here.call("PUT", f"/projects/{project_id}/workflows/loop", {"version": "1", "workflowCode": LOOP})

    batch = begin_batch(here, project_id, "start", executions=[{"workflowType": "Counting"}] * COUNT)
    report = kill_in_the_middle(first, there, batch)
    assert (report["status"], counts(report), report["failures"]) == ("completed", (COUNT, COUNT, 0), [])
    found = eventually(lambda: each if len(each := runs(fleet.temporal.address, project_id)) >= COUNT else [], 30)
    assert len({each.id for each in found}) == len(found) == COUNT, "each was started once"

    _, elsewhere = fleet.serve()
    batch = begin_batch(there, project_id, "signal", filter={"status": "RUNNING"}, name="say", args=["a"])
    report = kill_in_the_middle(second, elsewhere, batch)
    assert (report["status"], counts(report)) == ("completed", (COUNT, COUNT, 0))
    assert signals(fleet.temporal.address, found) == [1] * COUNT, "each was signalled once"
