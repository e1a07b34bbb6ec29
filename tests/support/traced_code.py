"""A workflow whose trace goes through two hosts, a child, and what its activities call."""

TRACED = """
import urllib.request
from datetime import timedelta

from opentelemetry.propagate import inject
from temporalio import activity, workflow

LIMIT = timedelta(seconds=20)


@activity.defn
def call(url: str) -> str:
    headers = {}
    inject(headers)
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.read().decode()


@workflow.defn
class Child:
    @workflow.run
    async def run(self, url: str) -> str:
        return await workflow.execute_activity(call, url, start_to_close_timeout=LIMIT)


@workflow.defn
class Parent:
    def __init__(self) -> None:
        self.may_end = False

    @workflow.run
    async def run(self, url: str) -> list[str]:
        first = await workflow.execute_activity(call, url, start_to_close_timeout=LIMIT)
        second = await workflow.execute_child_workflow(Child.run, url, id=workflow.info().workflow_id + "-child")
        await workflow.wait_condition(lambda: self.may_end)
        return [first, second, await workflow.execute_activity(call, url, start_to_close_timeout=LIMIT)]

    @workflow.signal
    def end(self) -> None:
        self.may_end = True
"""
