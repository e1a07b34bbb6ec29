"""What the projects of the fleet's benchmarks do."""

SPIN = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def spin(turns: int) -> int:
    total = 0
    for number in range(turns):
        total += number & 3
    return total


@workflow.defn
class Spin:
    @workflow.run
    async def run(self, turns: int) -> int:
        return await workflow.execute_activity(spin, turns, start_to_close_timeout=timedelta(minutes=5))
"""
SPIN_TURNS = 6_000_000
"""Some 0.2 s of one core."""

STEPS = """
import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def step(number: int) -> int:
    return number


@workflow.defn
class Steps:
    @workflow.run
    async def run(self) -> list[int]:
        done = []
        for number in range(3):
            done.append(await workflow.execute_activity(step, number, start_to_close_timeout=timedelta(seconds=10)))
            await asyncio.sleep(0.2)
        return done
"""
