"""Workflows that take their time, or hold a host's interpreter."""

STEPS = """
import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def step(number: int) -> str:
    await asyncio.sleep(0.02)
    return f"MARK{number}"


@workflow.defn
class Steps:
    @workflow.run
    async def run(self, count: int) -> list[str]:
        done = []
        for number in range(count):
            done.append(
                await workflow.execute_activity(
                    step,
                    number,
                    start_to_close_timeout=timedelta(seconds=3),
                )
            )
            await asyncio.sleep(0.1)
        return done
"""
"""A workflow of several activities and timers; every part of its result names the build that made it."""

HOLD = """
import ctypes
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
def hold() -> None:
    ctypes.PyDLL(None).sleep(40)  # which keeps the interpreter


@workflow.defn
class Hold:
    @workflow.run
    async def run(self) -> None:
        once = RetryPolicy(maximum_attempts=1)
        await workflow.execute_activity(hold, start_to_close_timeout=timedelta(15), retry_policy=once)
"""

SLOW = """
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
def nap(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


@workflow.defn
class Nap:
    @workflow.run
    async def run(self, seconds: float) -> str:
        once = RetryPolicy(maximum_attempts=1)
        return await workflow.execute_activity(nap, seconds, start_to_close_timeout=timedelta(60), retry_policy=once)
"""
