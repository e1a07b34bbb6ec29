"""Code that crashes, hoards, listens where it should not, or goes on without end."""

ACTIVITIES = """
import ctypes
import os
import signal
import socket
import stat
import time
import urllib.request

from temporalio import activity


@activity.defn
def crash(how: str) -> str:
    if activity.info().attempt > 1:
        return "survived"
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit":
        os._exit(3)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "memory":
        held = [bytearray(64 << 20) for _ in range(100)]
    return how


@activity.defn
def process() -> int:
    return os.getpid()


@activity.defn
def environment() -> list[str]:
    return sorted(os.environ)


@activity.defn
def others() -> str:
    found = []
    for each in ["self", *range(1, 4000)]:
        try:
            found.append(open(f"/proc/{each}/environ").read())
        except OSError:
            pass
    return "".join(found)


@activity.defn
def connect(port: int) -> str:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError as error:
        return type(error).__name__
    return "connected"


@activity.defn
def hold(seconds: float) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pow(3, 2_000_000, 2**4_000_000)
    return "held"


@activity.defn
def stubborn() -> None:
    print("it begins")
    while True:
        try:
            while True:
                activity.heartbeat()
                time.sleep(0.05)
        except BaseException:
            pass


@activity.defn
def chatter() -> str:
    for _ in range(1500):
        print("x" * 60_000)
    return "said"


@activity.defn
def fill() -> str:
    with open("large", "wb") as file:
        try:
            for _ in range(2048):
                file.write(bytes(1 << 20))
        except OSError as error:
            return type(error).__name__
    return "filled"


@activity.defn
def nonsense(size: int) -> str:
    if activity.info().attempt > 1:
        return "survived"
    for descriptor in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, bytes([255]) * size)
        except OSError:
            pass
    time.sleep(60)


@activity.defn
def fetch(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)


@activity.defn
async def stop_loop() -> None:
    import asyncio

    asyncio.get_running_loop().stop()
"""

SPINNING = """
from temporalio import workflow


@workflow.defn
class Spin:
    @workflow.run
    async def run(self) -> str:
        while True:
            pass


@workflow.defn
class Allocate:
    @workflow.run
    async def run(self) -> str:
        held = []
        while True:
            held.append(bytearray(64 << 20))


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return f"echo: {text}"
"""
