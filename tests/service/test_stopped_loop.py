"""A worker that executes nothing is noticed, says why, and is started again."""

from pathlib import Path

import pytest

from support.callers import CALLER
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation

ACTIVITIES = """
import asyncio
import pathlib
import sys
import time
from temporalio import activity

count = 0

@activity.defn
async def stop_once() -> str:
    global count
    count += 1
    if count == 1:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(0.1)
    return f"attempt {count}"

@activity.defn
async def stop_always() -> None:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)

@activity.defn
async def stop_for_ever() -> None:
    loop = asyncio.get_running_loop()

    def again() -> None:
        loop.call_soon(again)
        loop.stop()

    again()
    await asyncio.sleep(1)

@activity.defn
async def exit_later() -> None:
    asyncio.get_running_loop().call_soon(sys.exit, 3)
    await asyncio.sleep(0.1)

@activity.defn
async def hold(name: str) -> None:
    path = pathlib.Path(name)
    while path.exists():
        time.sleep(0.05)

@activity.defn
def fine() -> str:
    return "fine"
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The code of projects runs in the host, where it can hold what others need."""
    return settings.model_copy(update={"isolation": Isolation.THREAD})


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES})
    return project_id


@pytest.mark.parametrize("name", ["stop_once", "stop_always", "exit_later"])
def test_a_loop_that_is_stopped_fails_the_worker_which_is_started_again(
    api: Api, service: Service, caller: str, name: str
) -> None:
    path = f"/projects/{caller}/executions"
    api.post(path, {"workflowType": "Caller", "args": [name, []]})
    failed = eventually(lambda: (found := api.get(f"/workers/status/{caller}"))["status"] == "failed" and found)
    assert "has stopped the event loop" in failed["error"]
    eventually(lambda: api.get(f"/workers/status/{caller}")["status"] == "running")
    assert api.run(caller, "Caller", "fine", []) == "fine"


def test_a_worker_whose_loop_is_stopped_for_ever_can_be_stopped(api: Api, service: Service, caller: str) -> None:
    api.post(f"/projects/{caller}/executions", {"workflowType": "Caller", "args": ["stop_for_ever", []]})
    worker = service.host.worker(caller)
    assert worker is not None
    eventually(lambda: worker.state.status == "failed" and worker._serving is None)
    assert "has stopped the event loop" in str(worker.state.error)
    worker.stop()
    worker.stop()
    assert worker.join(5)


def test_a_loop_that_is_held_is_noticed_with_the_line_that_holds_it_until_it_goes_on(
    api: Api, service: Service, caller: str, tmp_path: Path
) -> None:
    path = tmp_path / "held"
    path.touch()
    api.post(f"/projects/{caller}/executions", {"workflowType": "Caller", "args": ["hold", [str(path)]]})
    worker = service.host.worker(caller)
    assert worker is not None

    def looked() -> str:
        service.host.look_for_life()
        return str(worker.state.status)

    eventually(lambda: looked() == "failed")
    assert "holds its event loop in caller.activities, line" in api.get(f"/workers/status/{caller}")["error"]
    api.deploy(
        caller, "caller", {"version": "2", "workflowCode": CALLER, "activitiesCode": ACTIVITIES + "\n"}, start=False
    )
    assert worker.state.status == "failed"  # what is published meanwhile does not free the loop
    path.unlink()
    eventually(lambda: looked() == "running")
    assert api.run(caller, "Caller", "fine", []) == "fine"
