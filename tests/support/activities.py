"""Activities of a project, of every kind that there are steps of."""

ACTIVITIES = """
import asyncio

from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@activity.defn
async def fail(times: int) -> str:
    if activity.info().attempt <= times:
        raise ValueError(f"failed {activity.info().attempt} times")
    return "at last"


@activity.defn
async def give_up() -> None:
    raise ApplicationError("no use", type="NoUse", non_retryable=True)


@activity.defn
async def large(size: int) -> str:
    return "x" * size


@activity.defn
async def hang() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.1)
"""
