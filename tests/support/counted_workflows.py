"""Workflows whose actions can be counted by hand."""

WORKFLOWS = """
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

SHORTLY = {"start_to_close_timeout": timedelta(seconds=20)}
AT_ONCE = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3)


@workflow.defn
class Leaf:
    @workflow.run
    async def run(self) -> str:
        return "leaf"


@workflow.defn
class Counted:
    def __init__(self) -> None:
        self.goes_on = False

    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity("pass_on", "again", retry_policy=AT_ONCE, **SHORTLY)
        await workflow.execute_local_activity("pass_on", "local", **SHORTLY)
        await workflow.sleep(timedelta(milliseconds=10))
        await workflow.execute_child_workflow(Leaf.run)
        await workflow.wait_condition(lambda: self.goes_on)
        return "done"

    @workflow.signal
    def go_on(self) -> None:
        self.goes_on = True

    @workflow.query
    def has_gone_on(self) -> bool:
        return self.goes_on


@workflow.defn
class Twice:
    @workflow.run
    async def run(self, left: int = 1) -> str:
        if left:
            workflow.continue_as_new(left - 1)
        return "done"


@workflow.defn
class Burn:
    @workflow.run
    async def run(self, seconds: float) -> float:
        return await workflow.execute_activity("burn", seconds, **SHORTLY)


@workflow.defn
class Beat:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("beat", heartbeat_timeout=timedelta(seconds=10), **SHORTLY)


@workflow.defn
class Unused:
    @workflow.run
    async def run(self) -> None:
        pass
"""

ACTIVITIES = """
import time

from temporalio import activity


@activity.defn
def pass_on(text: str) -> str:
    if text == "again" and activity.info().attempt < 3:
        raise RuntimeError("not yet")
    return text


@activity.defn
def burn(seconds: float) -> float:
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        pass
    return time.process_time() - begin


@activity.defn
def beat() -> None:
    for _ in range(20):
        activity.heartbeat()
        time.sleep(0.01)


@activity.defn
def never_called() -> None:
    pass
"""

CODE = {"version": "1", "workflowCode": WORKFLOWS, "activitiesCode": ACTIVITIES}
