"""What the projects of the benchmarks of publishing do."""

JOURNEY = '''
import asyncio
from datetime import timedelta

from temporalio import activity, workflow

LONG = timedelta(minutes=2)


@activity.defn
async def sign(workflow_build: int) -> list[int]:
    return [workflow_build, BUILD]


@activity.defn
def stamp(workflow_build: int) -> list[int]:
    return [workflow_build, BUILD]


@workflow.defn
class Journey:
    """Returns the build of its beginning, its activities, its child, its update and its end.

    Each is in the history as well, as input or result of an activity, so that a replay cannot put it right.
    """

    def __init__(self) -> None:
        self.builds: list[int] = []
        self.may_leave = self.may_end = False

    @workflow.run
    async def run(self) -> list[int]:
        self.builds += await workflow.execute_activity(sign, BUILD, start_to_close_timeout=LONG)
        await asyncio.sleep(0.5)
        await workflow.wait_condition(lambda: self.may_leave)
        self.builds += await workflow.execute_child_workflow("Stage", execution_timeout=LONG)
        await asyncio.sleep(0.5)
        await workflow.wait_condition(lambda: self.may_end and workflow.all_handlers_finished())
        self.builds += await workflow.execute_activity(stamp, BUILD, start_to_close_timeout=LONG)
        return [*self.builds, BUILD]

    @workflow.signal
    def leave(self) -> None:
        self.may_leave = True

    @workflow.update
    async def end(self) -> int:
        self.builds += await workflow.execute_activity(sign, BUILD, start_to_close_timeout=LONG)
        self.may_end = True
        return BUILD


@workflow.defn
class Stage:
    @workflow.run
    async def run(self) -> list[int]:
        far = await workflow.execute_activity(stamp, BUILD, start_to_close_timeout=LONG)
        await asyncio.sleep(0.2)
        near = await workflow.execute_local_activity(sign, BUILD, start_to_close_timeout=LONG)
        return [*far, *near, BUILD]
'''
JOURNEY_TYPES = ("Journey", "Stage")
JOURNEY_ACTIVITIES = ("sign", "stamp")

WAIT = """
import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def step(number: int) -> int:
    return number


@workflow.defn
class Wait:
    def __init__(self) -> None:
        self.is_waiting = self.may_end = False

    @workflow.run
    async def run(self) -> int:
        for number in range(2):
            await workflow.execute_activity(step, number, start_to_close_timeout=timedelta(minutes=5))
        self.is_waiting = True
        await workflow.wait_condition(lambda: self.may_end, timeout=timedelta(days=1))
        return BUILD

    @workflow.signal
    def end(self) -> None:
        self.may_end = True

    @workflow.query
    def waits(self) -> bool:
        return self.is_waiting
"""
WAIT_TYPES = ("Wait",)
WAIT_ACTIVITIES = ("step",)


def of_build(number: int, source: str) -> str:
    """Return the source with a build's number in it, which the runs return."""
    return f"BUILD = {number}\n{source}"
