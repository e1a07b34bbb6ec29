"""Workflows that have every kind of step."""

from support.activities import ACTIVITIES

WORKFLOWS = """
import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

SHORTLY = {"start_to_close_timeout": timedelta(seconds=10)}
QUICKLY = RetryPolicy(initial_interval=timedelta(milliseconds=20))


@workflow.defn
class Child:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"child of {text}"


@workflow.defn
class AllSteps:
    def __init__(self) -> None:
        self.goes_on = False

    @workflow.run
    async def run(self, number: int) -> int:
        number = await workflow.execute_activity("double", number, summary="Double it [node: double-1]", **SHORTLY)
        await workflow.execute_activity("fail", 1, retry_policy=QUICKLY, activity_id="own", **SHORTLY)
        await workflow.execute_local_activity("double", 7, **SHORTLY)
        await workflow.sleep(timedelta(milliseconds=30), summary="Wait a little")
        await workflow.execute_child_workflow("Child", "all")
        try:
            await workflow.execute_activity("give_up", **SHORTLY)
        except ActivityError:
            pass
        hanging = workflow.start_activity("hang", heartbeat_timeout=timedelta(seconds=5), **SHORTLY)
        await asyncio.sleep(0.05)
        hanging.cancel()
        await workflow.wait_condition(lambda: self.goes_on)
        return number

    @workflow.signal
    def go_on(self, why: str) -> None:
        self.goes_on = why == "enough"

    @workflow.update
    async def ask(self, question: str) -> str:
        return f"{question}?"


@workflow.defn
class Retries:
    @workflow.run
    async def run(self) -> None:
        again = RetryPolicy(initial_interval=timedelta(seconds=60))
        await workflow.execute_activity("fail", 99, retry_policy=again, **SHORTLY)


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("give_up", **SHORTLY)


@workflow.defn
class FailsInChild:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Fails")


@workflow.defn
class Large:
    @workflow.run
    async def run(self, size: int) -> int:
        return len(await workflow.execute_activity("large", size, **SHORTLY))


@workflow.defn
class Many:
    @workflow.run
    async def run(self, count: int) -> None:
        for number in range(count):
            await workflow.execute_local_activity("double", number, **SHORTLY)


@workflow.defn
class Tries:
    @workflow.run
    async def run(self, times: int) -> None:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=20), maximum_attempts=times)
        await workflow.execute_activity("fail", 99, retry_policy=policy, **SHORTLY)


@workflow.defn
class TriesHere:
    @workflow.run
    async def run(self, times: int) -> None:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=20), maximum_attempts=times)
        await workflow.execute_local_activity("fail", 99, retry_policy=policy, **SHORTLY)


@workflow.defn
class Told:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def say(self, what: Any) -> None:
        pass


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(hours=1))
"""

CODE = {"version": "1", "workflowCode": WORKFLOWS, "activitiesCode": ACTIVITIES}
