"""What is larger than Temporal takes fails at once, with its size and the limit in the sentence."""

from typing import Any

import pytest

from workerhost.testing import Api

CODE = """
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

BIG = 3_000_000

@activity.defn
def result() -> str:
    return "x" * BIG

@activity.defn
def message() -> None:
    raise ValueError("x" * 5_000_000)

@activity.defn
def details() -> None:
    raise ApplicationError("no", "x" * BIG)

@activity.defn
def chain() -> None:
    error = ValueError("first")
    for number in range(3000):
        following = ValueError(f"error {number}" + "y" * 2000)
        following.__cause__ = error
        error = following
    raise error

@activity.defn
def beat() -> None:
    activity.heartbeat("x" * BIG)

@activity.defn
def take(text: str) -> None:
    pass

@workflow.defn
class Large:
    @workflow.run
    async def run(self, kind: str) -> object:
        if kind == "return":
            return "x" * BIG
        if kind == "raise":
            raise ApplicationError("x" * 5_000_000)
        if kind == "argument":
            return await self.call("take", "x" * BIG)
        if kind == "together":
            return await asyncio.gather(*(self.call("take", "x" * 1_900_000) for _ in range(3)))
        if kind == "large":
            return await self.call("take", "x" * 1_900_000)
        return await self.call(kind)

    async def call(self, name: str, *args: str) -> object:
        return await workflow.execute_activity(
            name,
            args=args,
            start_to_close_timeout=timedelta(seconds=60),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2),
        )
"""


@pytest.fixture
def shop(api: Api, project_id: str) -> tuple[Api, str]:
    api.deploy(project_id, "large", {"version": "1", "workflowCode": CODE})
    return api, project_id


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("return", "2.9 MiB as JSON; Temporal takes 2 MiB"),
        ("raise", "cut after"),
        ("argument", "2.9 MiB as JSON; Temporal takes 2 MiB"),
        ("together", "5.4 MiB of arguments together; Temporal takes 4 MiB"),
        ("result", "2.9 MiB as JSON; Temporal takes 2 MiB"),
        ("message", "cut after"),
        ("details", "PayloadTooLargeError"),
        ("chain", "error 2999"),
    ],
)
def test_what_can_never_succeed_fails_with_its_limit(shop: tuple[Api, str], kind: str, said: str) -> None:
    ended = _run(*shop, kind)
    assert ended["status"] == "FAILED", ended
    assert said in ended["error"]
    assert len(ended["error"]) < 25_000


def test_what_is_just_small_enough_is_taken(shop: tuple[Api, str]) -> None:
    assert _run(*shop, "large")["status"] == "COMPLETED"


def _run(api: Api, project_id: str, kind: str) -> Any:
    path = f"/projects/{project_id}/executions"
    begun = api.post(path, {"workflowType": "Large", "args": [kind]})
    return api.get(f"{path}/{begun['workflowId']}?wait=20")
