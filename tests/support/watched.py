"""A service with projects that work, fail, wait and crash, so that there is something to watch."""

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Iterator

import httpx

from support.processes import RestClient

ORDERS = """
import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError


@activity.defn
async def reserve(number: int) -> None:
    activity.logger.info("order %s is reserved", number)
    await asyncio.sleep(0.02 + number % 7 / 100)


@activity.defn
async def charge(number: int) -> None:
    await asyncio.sleep(0.05 + number % 11 / 50)
    if number % 23 == 0:
        raise ApplicationError("the card is refused", non_retryable=True)
    if number % 9 == 0 and activity.info().attempt == 1:
        activity.logger.warning("the bank does not answer")
        raise ApplicationError("the bank does not answer")


@workflow.defn
class Order:
    @workflow.run
    async def run(self, number: int) -> None:
        once_more = RetryPolicy(initial_interval=timedelta(milliseconds=100))
        for step in (reserve, charge):
            await workflow.execute_activity(
                step, number, start_to_close_timeout=timedelta(seconds=10), retry_policy=once_more
            )
"""

REPORTS = """
import time
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def render(pages: int) -> None:
    time.sleep(pages / 10)


@workflow.defn
class Report:
    @workflow.run
    async def run(self, pages: int) -> None:
        await workflow.execute_activity(render, pages, start_to_close_timeout=timedelta(seconds=60))
"""

IMPORTS = """
import os
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
def convert() -> None:
    print("it begins")
    if activity.info().attempt == 1:
        os._exit(3)


@workflow.defn
class Import:
    @workflow.run
    async def run(self) -> None:
        quickly = RetryPolicy(initial_interval=timedelta(milliseconds=100))
        await workflow.execute_activity(convert, start_to_close_timeout=timedelta(seconds=30), retry_policy=quickly)
"""

BROKEN = "def run(:\n"


class Work:
    """What projects do on a service, as long as it is asked for. Belongs to one thread.

    Args:
        rest: the service.
        name: what the ids of the projects begin with.
    """

    def __init__(self, rest: RestClient, name: str = "") -> None:
        self._rest = rest
        self.orders, self.reports, self.imports = (f"{name}{each}" for each in ("orders", "reports", "imports"))
        self._numbers = itertools.count(1)

    def begin(self) -> None:
        """Publish the code of all projects, and start them."""
        for project, code in ((self.orders, ORDERS), (self.reports, REPORTS), (self.imports, IMPORTS)):
            settings = {"maxConcurrentActivities": 1} if project == self.reports else {}
            self._rest.deploy(project, "main", {"version": "1", "workflowCode": code}, settings)

    def order(self, count: int) -> None:
        """Start orders, some of which fail."""
        for number in itertools.islice(self._numbers, count):
            self._start(self.orders, "Order", number)

    def report(self, count: int, pages: int = 5) -> None:
        """Start reports, of which one is done after the other; a page takes a tenth of a second."""
        for _ in range(count):
            self._start(self.reports, "Report", pages)

    def crash(self) -> None:
        """Start an import, whose process dies and which is tried again."""
        self._start(self.imports, "Import")

    def publish(self, version: str, *, is_broken: bool = False) -> None:
        """Publish code of the orders, or what is none and is refused."""
        body = {"version": version, "workflowCode": BROKEN if is_broken else f"{ORDERS}\n# {version}\n"}
        if is_broken:
            with contextlib.suppress(AssertionError):
                self._rest.call("PUT", f"/projects/{self.orders}/workflows/main", body)
        else:
            self._rest.call("PUT", f"/projects/{self.orders}/workflows/main", body)

    def _start(self, project: str, workflow_type: str, *args: object) -> None:
        self._rest.call("POST", f"/projects/{project}/executions", {"workflowType": workflow_type, "args": list(args)})

    def go_on(self, is_ended: threading.Event) -> None:
        """Do some of everything soon, then more and less in turn, until the event is set."""
        for second in itertools.count():
            begun = time.monotonic()
            with contextlib.suppress(AssertionError, httpx.HTTPError):  # a host that ends answers nothing
                self.order(round(6 + 4 * math.sin(second / 12)))
                if second % 60 == 3:
                    self.report(30)
                if second % 45 == 1:
                    self.crash()
                if second % 40 in (1, 2, 25):
                    self.publish(f"{second + 2}", is_broken=second % 40 == 2)
                if second % 50 == 10:
                    self._rest.call("POST", "/workers/restart", {"projectId": self.imports})
                self._rest.status(f"/projects/{self.orders}/executions")
                self._rest.status("/projects/unknown")
            if is_ended.wait(max(0.0, 1 - (time.monotonic() - begun))):
                return


@contextlib.contextmanager
def at_work(work: Work) -> Iterator[None]:
    """Let the work go on in a thread until the block ends."""
    is_ended = threading.Event()
    thread = threading.Thread(target=work.go_on, args=(is_ended,))
    thread.start()
    try:
        yield
    finally:
        is_ended.set()
        thread.join()
