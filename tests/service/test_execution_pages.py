"""Pages of executions where very many are open, have ended, or began at once. No worker runs: Temporal ends them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecution

from support.questions import client_of, note_questions
from workerhost.runtime.executions.listing import pages
from workerhost.runtime.executions.listing.pages import Position, fetch_page
from workerhost.runtime.service import Service
from workerhost.testing import eventually, unique_id

AT_ONCE = 50


class Queue:
    """The executions of a task queue.

    Args:
        service: in this process.
    """

    def __init__(self, service: Service) -> None:
        self._temporal = service.temporal
        self.name = unique_id("queue")

    def begin(self, count: int) -> list[str]:
        """Begin executions, all at once, and return their workflow ids once they are listed."""
        ids = [f"{self.name}-{number}" for number in range(count)]
        self._for_each(ids, lambda client, each: client.start_workflow("Any", id=each, task_queue=self.name))
        self.wait_until_open(count)
        return ids

    def end(self, ids: list[str]) -> None:
        """End executions, in that order."""
        self._for_each(ids, lambda client, each: client.get_workflow_handle(each).terminate())

    def wait_until_open(self, count: int) -> None:
        """Wait until so many are listed as open."""
        query = f"TaskQueue = '{self.name}' AND ExecutionStatus = 'Running'"
        eventually(lambda: self._temporal.call(lambda client: client.count_workflows(query)).count == count)

    def page(self, limit: int, before: Position | None = None) -> tuple[list[WorkflowExecution], Position | None]:
        """Return a page and where the next one begins."""
        page, position = self._temporal.call(
            lambda client: fetch_page(client, f"TaskQueue = '{self.name}'", limit, before)
        )
        return list(page), position

    def all_pages(self, limit: int) -> list[WorkflowExecution]:
        """Return all executions as they come page by page."""
        found, position = self.page(limit)
        while position is not None:
            page, position = self.page(limit, position)
            assert 0 < len(page) <= limit
            found += page
        return found

    def _for_each(self, ids: list[str], use: Callable[[Client, str], Awaitable[Any]]) -> None:
        async def use_all(client: Client) -> None:
            slots = asyncio.Semaphore(AT_ONCE)

            async def use_one(each: str) -> None:
                async with slots:
                    await use(client, each)

            await asyncio.gather(*map(use_one, ids))

        self._temporal.call(use_all, 60)


@pytest.fixture
def queue(service: Service) -> Queue:
    return Queue(service)


@pytest.mark.parametrize("most_sorted", [200, 5])
def test_pages_are_in_order_where_hundreds_began_at_once_and_ended_in_another_order(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, most_sorted: int
) -> None:
    monkeypatch.setattr(pages, "MOST_SORTED", most_sorted)
    ids = queue.begin(150)
    queue.end(random.Random(7).sample(ids, 100))
    queue.wait_until_open(50)
    found = queue.all_pages(limit=20)
    assert sorted(each.id for each in found) == sorted(ids)
    positions = [(each.start_time, each.run_id) for each in found]
    assert positions == sorted(positions, reverse=True)
    assert positions[0][0] - positions[-1][0] < timedelta(seconds=10)


@pytest.mark.parametrize("ended", [0, 300])
def test_a_small_page_of_very_many_executions_reads_few_of_them(
    queue: Queue, service: Service, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    ids = queue.begin(300)
    queue.end(ids[:ended])
    queue.wait_until_open(300 - ended)
    questions = note_questions(service, monkeypatch)
    position: Position | None = None
    for _ in range(2):
        questions.reset()
        page, position = queue.page(10, position)
        assert len(page) == 10
        assert questions.listed < 100
        assert len(questions.asked) < 10


def test_an_execution_that_ends_while_a_page_is_read_is_on_it_once(
    queue: Queue, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = queue.begin(4)
    ending = ids[:1]
    client = client_of(service)
    ask = client.workflow_service.list_workflow_executions

    async def ask_and_end(*args: Any, **options: Any) -> Any:
        answer = await ask(*args, **options)
        while ending:
            await client.get_workflow_handle(ending.pop()).terminate()
            await asyncio.to_thread(queue.wait_until_open, 3)
        return answer

    monkeypatch.setattr(client.workflow_service, "list_workflow_executions", ask_and_end)
    assert sorted(each.id for each in queue.page(limit=10)[0]) == ids
