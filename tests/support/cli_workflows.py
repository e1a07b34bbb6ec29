"""Workflows that the commands for runs are tried with."""

STEPS = """
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from .activities import greet, stumble


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str, more: dict | None = None) -> str:
        await workflow.sleep(0.1)
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class Stumbling:
    @workflow.run
    async def run(self, tries: int) -> str:
        return await workflow.execute_activity(stumble, tries, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class Waiting:
    def __init__(self) -> None:
        self.word = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.word != "")
        if self.word == "bad":
            raise ApplicationError("a bad word")
        return self.word

    @workflow.signal
    def say(self, word: str) -> None:
        self.word = word

    @workflow.update
    def tell(self, word: str) -> str:
        self.word = word
        return f"told {word}"

    @workflow.query
    def heard(self, mark: str) -> list[str]:
        return [self.word, mark]
"""
ACTIVITIES = """
from temporalio import activity


@activity.defn
def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
def stumble(tries: int) -> str:
    if activity.info().attempt < tries:
        raise ValueError("not yet")
    return "at last"
"""
