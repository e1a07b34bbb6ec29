"""A workflow that is asked and told things while it runs."""

BASKET = """
import asyncio

from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn
class Basket:
    def __init__(self) -> None:
        self.items: list[str] = []
        self.is_closed = False

    @workflow.run
    async def run(self, *first: str) -> list[str]:
        self.items.extend(first)
        await workflow.wait_condition(lambda: self.is_closed)
        return self.items

    @workflow.query
    def count(self, beginning: str) -> int:
        return sum(item.startswith(beginning) for item in self.items)

    @workflow.query
    def broken(self) -> None:
        raise ValueError("no such thing")

    @workflow.update
    async def add(self, item: str) -> int:
        if item == "stone":
            raise ApplicationError("too heavy")
        self.items.append(item)
        return len(self.items)

    @add.validator
    def check(self, item: str) -> None:
        if not item:
            raise ValueError("an item has a name")

    @workflow.update
    async def slow(self) -> str:
        await workflow.wait_condition(lambda: self.is_closed)
        return "closed"

    @workflow.signal
    async def say(self, item: str) -> None:
        self.items.append(item)

    @workflow.signal
    async def close(self) -> None:
        self.is_closed = True
"""
