"""Workflows that are watched, and who watches them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from support.activities import ACTIVITIES
from workerhost.testing import Api, eventually

WORKFLOWS = """
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

SHORTLY = {"start_to_close_timeout": timedelta(seconds=60)}


@workflow.defn
class Stops:
    def __init__(self) -> None:
        self.stops = 0

    @workflow.run
    async def run(self, stops: int) -> int:
        for number in range(stops):
            await workflow.execute_activity("double", number, **SHORTLY)
            await workflow.wait_condition(lambda: self.stops > number)
        return stops

    @workflow.signal
    def go_on(self) -> None:
        self.stops += 1


@workflow.defn
class Hangs:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("hang", **SHORTLY)


@workflow.defn
class Retries:
    @workflow.run
    async def run(self) -> str:
        again = RetryPolicy(initial_interval=timedelta(seconds=3600))
        return await workflow.execute_activity("fail", 9, retry_policy=again, **SHORTLY)


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        once = RetryPolicy(maximum_attempts=1)
        await workflow.execute_activity("double", "not a number", retry_policy=once, **SHORTLY)
"""


CODE = {"version": "1", "workflowCode": WORKFLOWS, "activitiesCode": ACTIVITIES}


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    kind: str
    data: Any
    id: str | None


class Watcher:
    """Reads a stream in a thread of its own."""

    def __init__(self, api: Api, project: str, run: str, last: str | None = None) -> None:
        headers = {"Last-Event-ID": last} if last else {}
        self.response = api.client.get(f"/projects/{project}/executions/{run}/events", headers=headers)
        assert self.response.status_code == 200, self.response.get_data(as_text=True)
        assert self.response.mimetype == "text/event-stream"
        self.events: list[Event] = []
        self.has_ended = False
        self.leaves = False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        for piece in self.response.response:
            self.events += list(parsed(piece.decode() if isinstance(piece, bytes) else piece))
            if self.leaves:
                break
        self.response.close()
        self.has_ended = True

    def steps(self) -> dict[str, str]:
        """Return the status of each step that was told, by its id."""
        return {each.data["id"]: each.data["status"] for each in self.events if each.kind == "step"}

    def statuses(self) -> list[str]:
        """Return the status of the execution, each time that it was told."""
        return [each.data["status"] for each in self.events if each.kind == "status"]

    def end(self) -> None:
        """Wait until the stream has ended by itself."""
        eventually(lambda: self.has_ended)
        self._thread.join()


def parsed(text: str) -> Iterator[Event]:
    """Yield the events in a piece of a stream."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            yield Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
