"""No exception of project code, of any type, costs a slot, a thread or a worker."""

import re
from functools import partial
from typing import Any

import pytest

from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

ACTIVITIES = """
import asyncio
import concurrent.futures
import sys
from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

class Own(BaseException):
    pass

class Unreadable(Exception):
    def __str__(self):
        raise SystemExit(3)

ERRORS = {
    "StopIteration": lambda: next(iter([])),
    "StopAsyncIteration": StopAsyncIteration,
    "GeneratorExit": GeneratorExit,
    "SystemExit": sys.exit,
    "KeyboardInterrupt": KeyboardInterrupt,
    "CancelledError": asyncio.CancelledError,
    "Own": Own,
    "Unreadable": Unreadable,
    "BrokenExecutor": concurrent.futures.BrokenExecutor,
    "InvalidStateError": asyncio.InvalidStateError,
    "FutureCancelled": concurrent.futures.CancelledError,
    "Recursion": RecursionError,
    "Memory": MemoryError,
}

def fail(kind):
    raise ERRORS[kind]()

@activity.defn
def in_thread(kind: str) -> None:
    fail(kind)

@activity.defn
async def on_loop(kind: str) -> None:
    await asyncio.sleep(0)
    fail(kind)

@activity.defn
def fine() -> str:
    return "fine"
"""

KINDS = re.findall(r'^    "(\w+)":', ACTIVITIES, re.MULTILINE)

CALLER = """
from datetime import timedelta
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

@workflow.defn
class Caller:
    @workflow.run
    async def run(self, name: str, kinds: list[str]) -> dict[str, str]:
        failures = {}
        for kind in kinds:
            try:
                await self.call(name, [kind])
            except ActivityError as error:
                failures[kind] = str(error.cause)
        failures["after"] = await self.call("fine", [])
        return failures

    async def call(self, name: str, args: list) -> str:
        return await workflow.execute_activity(
            name, args=args, start_to_close_timeout=timedelta(seconds=20), retry_policy=RetryPolicy(maximum_attempts=1)
        )
"""

RAISER = """
import sys
from temporalio import workflow

@workflow.defn
class Raiser:
    def __init__(self) -> None:
        self.is_over = False

    @workflow.run
    async def run(self, kind: str) -> str:
        if kind == "exit":
            sys.exit(1)
        if kind == "interrupt":
            raise KeyboardInterrupt
        if kind == "stop":
            return next(iter([]))
        await workflow.wait_condition(lambda: self.is_over)
        return "over"

    @workflow.signal
    def end(self) -> None:
        self.is_over = True

    @workflow.query
    def ask(self) -> str:
        sys.exit(1)
"""


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    """A started project that has one slot for activities, and one that can be spared for nothing."""
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}
    api.put(f"/projects/{project_id}", {"settings": {"maxConcurrentActivities": 1}})
    api.deploy(project_id, "caller", body)
    return project_id


@pytest.mark.parametrize("name", ["in_thread", "on_loop"])
def test_an_activity_fails_whatever_it_raises(api: Api, caller: str, name: str) -> None:
    failures = api.run(caller, "Caller", name, KINDS)
    assert failures.pop("after") == "fine"
    assert list(failures) == KINDS
    assert all(failures.values())
    assert not any("timed out" in each for each in failures.values())


def test_a_workflow_that_ends_the_interpreter_fails_its_task_and_no_worker(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "raiser", {"version": "1", "workflowCode": RAISER})
    worker = service.host.worker(project_id)
    runs = f"/projects/{project_id}/executions"
    for kind in ("exit", "interrupt", "stop"):
        api.post(runs, {"workflowType": "Raiser", "args": [kind], "workflowId": f"{project_id}-{kind}"})
    for kind in ("exit", "interrupt", "stop"):
        stuck = eventually(partial(_stuck, api, f"{runs}/{project_id}-{kind}"))
        assert stuck["code"] == "workflow_task_fails"
    assert service.host.worker(project_id) is worker
    assert worker is not None
    assert worker.state.status == "running"
    api.post(runs, {"workflowType": "Raiser", "args": ["wait"], "workflowId": f"{project_id}-wait"})
    api.post(f"{runs}/{project_id}-wait/signal", {"name": "end"})
    assert api.get(f"{runs}/{project_id}-wait?wait=20")["result"] == "over"


def _stuck(api: Api, path: str) -> Any:
    return api.get(path)["stuck"]
