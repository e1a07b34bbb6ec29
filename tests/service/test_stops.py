"""A stop takes as long as the work that is left, also where an activity ends in that moment."""

import random
import time

import pytest

from support.callers import CALLER
from workerhost.testing import Api

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
