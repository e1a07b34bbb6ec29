"""Executions that go on while builds are published and workers replaced."""

import asyncio
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field

import click
from temporalio.client import Client

LOST_SECONDS = 180
"""An execution that has not ended by then is lost."""

AT_ONCE = 100


@dataclass
class Load:
    """Executions of the workflow `Journey`, and how they went. Belongs to one event loop.

    Attributes:
        client: drives them.
        task_queue: of the project.
        count: how many there are to be.
        published: the build that the last publish to be answered made current.
    """

    client: Client
    task_queue: str
    count: int
    published: int = 0
    ended: int = 0
    failed: int = 0
    lost: int = 0
    mixed: int = 0
    """Executions that ran on several builds."""
    stale: int = 0
    """Executions that began after a publish was answered and ran on an older build."""
    crossed: int = 0
    """Executions that ended after a later build than theirs was published: those that could have been mixed."""
    builds: Counter[int] = field(default_factory=Counter)

    async def run(self) -> None:
        """Run all of them, so many at once."""
        slots, run = asyncio.Semaphore(AT_ONCE), uuid.uuid4().hex[:6]

        async def execute(number: int) -> None:
            async with slots:
                await self._execute(f"journey-{run}-{number}")

        await asyncio.gather(*(execute(number) for number in range(self.count)))

    async def reaches(self, ended: int) -> None:
        """Wait until so many executions have ended."""
        while self.ended < ended:  # noqa: ASYNC110  there is a change every few milliseconds
            await asyncio.sleep(0.01)

    async def _execute(self, workflow_id: str) -> None:
        published = self.published
        try:
            seen = await asyncio.wait_for(self._travel(workflow_id), LOST_SECONDS)
        except TimeoutError:
            self.lost += 1
            click.echo(f"{workflow_id} is lost", err=True)
        except Exception as error:
            self.failed += 1
            click.echo(f"{workflow_id} failed: {error!r}, caused by {error.__cause__!r}", err=True)
        else:
            self.builds[seen[0]] += 1
            self.mixed += len(set(seen)) != 1
            self.stale += min(seen) < published
            self.crossed += seen[0] < self.published
        self.ended += 1

    async def _travel(self, workflow_id: str) -> list[int]:
        """Lead one execution to its end, and return every build that it has met."""
        handle = await self.client.start_workflow("Journey", id=workflow_id, task_queue=self.task_queue)
        await asyncio.sleep(random.uniform(0, 1))
        await handle.signal("leave")
        await asyncio.sleep(random.uniform(0, 2))
        updated: int = await handle.execute_update("end")
        result: list[int] = await handle.result()
        return [*result, updated]
