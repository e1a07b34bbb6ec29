"""Code of projects that logs more than it may, or in odd ways: all is heard or counted, and its neighbours go on."""

import os
import time
from typing import Any

import psutil
import pytest

from support.callers import CALLER, call
from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation

ACTIVITIES = """
import os, subprocess, sys, threading, time
from temporalio import activity


@activity.defn
def flood(seconds: float) -> int:
    until, counts = time.monotonic() + seconds, []

    def log() -> None:
        number = 0
        while time.monotonic() < until:
            activity.logger.info("flood %d", number)
            number += 1
        counts.append(number)

    code = "import sys; [print('flood', n, flush=True) for n in range(5000)]"
    program = subprocess.Popen([sys.executable, "-c", code])
    threads = [threading.Thread(target=log) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert program.wait() == 0
    return sum(counts) + 5000


@activity.defn
def odd() -> None:
    os.write(2, b"\\x1e[1, \\xff\\n")
    os.set_blocking(2, False)
    for number in range(1000):
        activity.logger.info("number %d %s", number, "x" * 500)
    sys.stdout.reconfigure(line_buffering=True)
    sys.stdout.close()
    print("after the end")
    sys.stdout.buffer.write(b"as bytes\\n")
    try:
        raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])
    except ExceptionGroup:
        activity.logger.exception("failed")
"""

WORKFLOW = """

@workflow.defn
class Loud:
    @workflow.run
    async def run(self, lines: int) -> int:
        for number in range(lines):
            workflow.logger.info("loud %d", number)
        return lines
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"isolation": Isolation.PROCESS})


@pytest.fixture
def loud(api: Api, project_id: str) -> str:
    """A project whose workflow calls the activity that is named."""
    code = {"version": "1", "workflowCode": CALLER + WORKFLOW, "activitiesCode": ACTIVITIES}
    api.deploy(project_id, "caller", code, start=False)
    api.post("/workers/start", {"projectId": project_id})
    return project_id


def lines(api: Api, project: str) -> list[dict[str, Any]]:
    """Return all lines of the log, newest first."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"/projects/{project}/logs?limit=1000" + (f"&cursor={cursor}" if cursor else ""))
        found += page["lines"]
        cursor = page["cursor"]
    return found


def heard(api: Api, project: str) -> int:
    """Return how many lines are in the log, or were dropped as it says."""
    found = lines(api, project)
    dropped: int = sum(each.get("fields", {}).get("dropped", 0) for each in found)
    return dropped + sum(str(each["message"]).startswith(("flood", "loud")) for each in found)


def test_of_a_flood_each_line_is_there_or_counted_while_its_neighbour_goes_on(
    loud: str, neighbour: str, api: Api
) -> None:
    before = psutil.Process(os.getpid()).memory_info().rss
    begun = api.begin(loud, "Caller", "flood", [3.0])
    until, longest = time.monotonic() + 3, 0.0
    while time.monotonic() < until:
        begin = time.monotonic()
        assert api.run(neighbour, "Echo", "beside") == "echo: beside"
        longest = max(longest, time.monotonic() - begin)
    assert longest < 2
    ended = api.outcome(loud, begun)
    assert ended["status"] == "COMPLETED"
    assert ended["result"] > 10_000
    eventually(lambda: heard(api, loud) == ended["result"])
    assert psutil.Process(os.getpid()).memory_info().rss - before < 150 * 1024**2


def test_a_workflow_that_says_much_at_once_is_not_taken_for_one_that_hangs(loud: str, api: Api) -> None:
    assert api.run(loud, "Loud", 15_000) == 15_000
    eventually(lambda: heard(api, loud) == 15_000)


def test_what_code_does_to_its_output_costs_no_line(loud: str, api: Api) -> None:
    call(api, loud, "odd")
    eventually(lambda: len(lines(api, loud)) == 1004)
    found = {each["message"]: each for each in lines(api, loud)}
    assert {"after the end", "as bytes", "\x1e[1, \ufffd"} <= found.keys()
    [failed] = [each for each in found if each.startswith("failed: ExceptionGroup")]
    assert found[failed]["fields"]["trace"][:2] == ["with ValueError: one", "with KeyError: 'two'"]
