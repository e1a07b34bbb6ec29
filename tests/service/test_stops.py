"""A stop takes as long as the work that is left, also where an activity ends in that moment."""

import gc
import random
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from support.callers import CALLER
from support.log_lines import LogStream
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service

ACTIVITIES = """
import asyncio
import time
from temporalio import activity

@activity.defn
def in_thread(seconds: float) -> None:
    time.sleep(seconds)

@activity.defn
async def on_loop(seconds: float) -> None:
    await asyncio.sleep(seconds)
"""

NAP, STOPS, MOST_SECONDS = 0.3, 8, 5.0


@pytest.mark.parametrize("name", ["in_thread", "on_loop"])
def test_a_stop_in_the_moment_in_which_an_activity_ends_is_quick(api: Api, project_id: str, name: str) -> None:
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}
    api.deploy(project_id, "caller", body, start=False)
    for _ in range(STOPS):
        api.post("/workers/start", {"projectId": project_id})
        api.post(f"/projects/{project_id}/executions", {"workflowType": "Caller", "args": [name, [NAP]]})
        time.sleep(random.uniform(0.9, 1.3) * NAP)
        began = time.monotonic()
        api.post("/workers/stop", {"projectId": project_id})
        assert time.monotonic() - began < MOST_SECONDS


@pytest.fixture
def new_threads(temporal: EmbeddedTemporal, warm_process: WarmProcess) -> Callable[[], list[str]]:
    """Returns the names of the threads that are there since this was asked for, before `service`."""
    before = set(threading.enumerate())
    return lambda: [each.name for each in threading.enumerate() if each not in before]


def test_a_host_that_has_stopped_has_no_thread_left_and_may_be_stopped_again(
    new_threads: Callable[[], list[str]], service: Service, api: Api, project_id: str
) -> None:
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES})
    api.post(f"/projects/{project_id}/executions", {"workflowType": "Caller", "args": ["in_thread", [0]]})
    stream = LogStream(api, f"/projects/{project_id}/logs?follow=true")
    assert {"log-followers", "project-logs", "workerhost-host", f"project-{project_id}"} <= set(new_threads())
    service.stop()
    assert "log-followers" not in new_threads()
    stream.leave()
    eventually(lambda: not new_threads())  # those of pools go when they see that there is nothing to do
    service.stop()
    assert not new_threads()


def test_a_service_that_has_stopped_leaves_the_memory(
    temporal: EmbeddedTemporal,
    settings: Settings,
    warm_process: WarmProcess,
    project_id: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    caplog.set_level("ERROR", "apscheduler")  # pytest keeps its lines, and they hold jobs
    with running_service(settings, warm_process=warm_process) as made:
        service, api = weakref.ref(made), Api.of(made)
        api.deploy(project_id)
        assert api.run(project_id, "Echo", "tea") == "echo: tea"
    del made, api

    def is_gone() -> bool:
        gc.collect()  # not at once: threads of the SDK may still hold what they called last
        return service() is None

    eventually(is_gone)
