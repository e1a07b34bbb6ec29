"""Lines of projects' logs, collected where they are taken in; and code that says much."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from workerhost.observed import LogLine
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.testing import eventually

SPEAKING = '''
import asyncio
import logging
import warnings
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from .activities import fail, linger, speak, speak_later

log = logging.getLogger(__name__)


@workflow.defn
class Speaker:
    """Says the same in every way there is, before an activity and after a signal."""

    def __init__(self) -> None:
        self.is_over = False

    @workflow.run
    async def run(self, waits: bool = False) -> str:
        workflow.logger.info("begins", extra={"order": 4711})
        print("prints in a workflow")
        log.info("logs in a workflow")
        for each in (speak, speak_later):
            await workflow.execute_activity(
                each, start_to_close_timeout=timedelta(seconds=20), summary="Speak [node: speak-1]"
            )
        if waits:
            await workflow.wait_condition(lambda: self.is_over)
        print("prints at the end")
        return "said"

    @workflow.signal
    def end(self) -> None:
        self.is_over = True

    @workflow.query
    def ask(self) -> bool:
        print("prints in a query")
        return self.is_over


@workflow.defn
class Failing:
    """Fails, after its activity has failed twice."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            fail,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=10)),
        )


@workflow.defn
class Stuck:
    """Has a task that always fails."""

    @workflow.run
    async def run(self) -> None:
        raise KeyError("no such drawer")


@workflow.defn
class Late:
    """Has an activity that takes longer than it may."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            linger,
            start_to_close_timeout=timedelta(seconds=0.2),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
'''

SPEAKING_ACTIVITIES = """
import asyncio
import logging
import os
import sys
import threading
import warnings

from temporalio import activity

log = logging.getLogger(__name__)


@activity.defn
def speak() -> None:
    activity.logger.info("charged\\n%s", "twice", extra={"order": {"id": 4711, "paid": True}, "apiKey": "k-1"})
    activity.logger.debug("not said")
    log.warning("of its own logger")
    print("printed", 1, end="")
    print(" and so on")
    print("to err", file=sys.stderr)
    try:
        raise ValueError("no money")
    except ValueError:
        log.exception("it went wrong")
    print("without an end", end="")


@activity.defn
async def speak_later() -> None:
    await asyncio.sleep(0)
    activity.logger.error("later")
    print("Authorization: Bearer abcdefgh12345678 and hunter22 to postgresql://me:pass@db/x")


@activity.defn
def fail() -> None:
    raise LookupError("no such order")


@activity.defn
def break_out() -> None:
    warnings.warn("it is old")
    thread = threading.Thread(target=lambda: 1 / 0, name="aside")
    thread.start()
    thread.join()
    logging.getLogger("shop.orders").info("a logger of any name")
    log.info("never %d", "a number")
    os.write(1, b"\\xff raw \\0 bytes\\n")
    os.write(1, b'\\x1e[1e300,40,"forged",5,["w","r\\\\ud800","t","b","a",-3,"n"],{"project_id":"other"},-7]\\n')
    os.write(1, b'\\x1e["nonsense"]\\n')
    print("x" * 1_000_000)
    much = {"nan": float("nan"), "deep": [[[[[[[[1]]]]]]]], "much": list(range(10_000))}
    activity.logger.info("y" * 1_000_000, extra=much)


@activity.defn
def linger() -> None:
    threading.Event().wait(0.6)
"""

PUBLISHED = {"version": "1", "workflowCode": SPEAKING, "activitiesCode": SPEAKING_ACTIVITIES}


class Lines(list[LogLine]):
    """Lines in the order in which they were taken."""

    def having(self, text: str, project_id: str | None = None) -> list[LogLine]:
        """Return the lines with a text in their message."""
        return [each for each in list(self) if text in each.message and project_id in (None, each.project_id)]

    def one(self, text: str) -> LogLine:
        """Wait for a line with a text, and return it; there must be one alone."""
        [found] = eventually(lambda: self.having(text))
        return found


@contextmanager
def collected_lines() -> Iterator[Lines]:
    """Collect the lines that services take in, until the block ends."""
    lines = Lines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogIntake, "take", lambda _intake, line: lines.append(line))
        yield lines
