"""Code that breeds processes, breaks messages off, computes for long, or hangs when it is imported."""

ACTIVITIES = """
import os
import stat
import time

from temporalio import activity


@activity.defn
def breed(most: int) -> str:
    # Bounded by its caller as well. The children wait until this process ends.
    held, end = os.pipe()
    for number in range(most):
        try:
            if os.fork() == 0:
                os.close(end)
                os.read(held, 1)
                os._exit(0)
        except OSError as error:
            return f"{type(error).__name__} after {number}"
    return f"{most} forked"


@activity.defn
def half_a_message() -> str:
    if activity.info().attempt > 1:
        return "survived"
    for descriptor in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, bytes(3))
        except OSError:
            pass
    os._exit(0)


@activity.defn
def compute(hundredths: int) -> str:
    for number in range(1, hundredths + 1):
        end = time.thread_time() + 0.01
        while time.thread_time() < end:
            pass
        if number % 20 == 0:
            activity.heartbeat()
    return "computed"


@activity.defn
def wait(seconds: float) -> str:
    time.sleep(seconds)
    return "waited"


@activity.defn
def linger(seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        activity.heartbeat()
        time.sleep(0.2)
    return "lingered"


@activity.defn
def process() -> int:
    return os.getpid()
"""

WORKFLOWS = """
import asyncio
import json
import sys
import time

from temporalio import workflow


@workflow.defn
class Busy:
    @workflow.run
    async def run(self, seconds: float) -> str:
        with workflow.unsafe.sandbox_unrestricted():
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass
        return "done"


@workflow.defn
class Dozes:
    @workflow.run
    async def run(self, seconds: float) -> str:
        with workflow.unsafe.sandbox_unrestricted():
            time.sleep(seconds)
        return "done"


@workflow.defn
class Commands:
    @workflow.run
    async def run(self, count: int) -> None:
        await asyncio.gather(*(asyncio.sleep(3600 + each) for each in range(count)))


@workflow.defn
class Replaces:
    @workflow.run
    async def run(self) -> str:
        with workflow.unsafe.sandbox_unrestricted():
            json.dumps = lambda *_args, **_kwargs: "nothing"
            sys.settrace(lambda *_args: sys.exit(1))
            sys.modules["json"].loads = None
        return "replaced"


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"echo: {text}"
"""

HANGING = """
import sys
import time

from temporalio import workflow

sys.imports = getattr(sys, "imports", 0) + 1
if sys.imports == NUMBER:
    time.sleep(45)


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"echo: {text}"
"""
