"""What a project's code may do: imports, names, activities of all kinds, and what failures show."""

from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from support.callers import CALLER
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

ACTIVITIES = """
import asyncio
import threading
import time

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import CancelledError

import workerhost

seen = []


class Order(BaseModel):
    item: str
    count: int


@activity.defn
def sync_order(order: Order) -> str:
    return f"{order.count} x {order.item} for {workerhost.current_project_id()}"


@activity.defn
async def async_order(order: Order) -> str:
    activity.heartbeat("half")
    return f"{order.count} x {order.item} for {workerhost.current_project_id()}"


@activity.defn
def beating() -> str:
    activity.heartbeat("half")
    return threading.current_thread().name


@activity.defn
def broken() -> None:
    raise ValueError("no such luck")  # the line that shows


@activity.defn
def endless() -> None:
    try:
        while True:
            activity.heartbeat()
            time.sleep(0.02)
    except CancelledError:
        seen.append("cancelled in its thread")
        raise


@activity.defn
def what_was_seen() -> list:
    return seen


@activity.defn(name="sampleActivity")
def ours(message: object) -> str:
    return "the project's own"
"""


@pytest.fixture
def caller(api: Api, project_id: str) -> str:
    """A started project whose workflow calls activities by name."""
    body = {"version": "1", "workflowCode": CALLER, "activitiesCode": ACTIVITIES}
    api.deploy(project_id, "caller", body)
    return project_id


def _call(api: Api, project_id: str, name: str, *args: Any) -> Any:
    return api.outcome(project_id, api.begin(project_id, "Caller", name, list(args)))


@pytest.mark.parametrize("name", ["sync_order", "async_order"])
def test_activities_take_models_and_know_their_project(api: Api, caller: str, name: str) -> None:
    assert _call(api, caller, name, {"item": "tea", "count": 2})["result"] == f"2 x tea for {caller}"


def test_a_sync_activity_runs_in_a_thread_of_its_project_and_beats(api: Api, caller: str) -> None:
    assert _call(api, caller, "beating")["result"].startswith(f"activity-{caller}")


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        ([{"item": "tea", "count": "many"}], ["sync_order", "count", "integer"]),
        ([{"item": "tea"}], ["sync_order", "count: Field required"]),
        ([], ["sync_order", "0 argument"]),
        ([1, 2], ["sync_order", "2 argument"]),
    ],
)
def test_input_that_does_not_fit_fails_without_retries_and_names_the_field(
    api: Api, service: Service, caller: str, args: list[Any], parts: list[str]
) -> None:
    execution = _call(api, caller, "sync_order", *args)
    assert execution["status"] == "FAILED"
    for part in parts:
        assert part in execution["error"]
    assert _attempts(service, execution["workflowId"]) == 1


def test_an_unknown_activity_is_answered_with_the_known_ones(api: Api, caller: str) -> None:
    error = _call(api, caller, "nothing")["error"]
    assert "has no activity nothing" in error
    assert "sync_order" in error


def test_a_failure_shows_the_line_of_the_projects_source(api: Api, service: Service, caller: str) -> None:
    execution = _call(api, caller, "broken")
    assert "no such luck" in execution["error"]
    assert _attempts(service, execution["workflowId"]) == 3
    [failure] = _failures(service, execution["workflowId"])
    assert "the line that shows" in failure.stack_trace
    assert "caller/activities.py" in failure.stack_trace


def test_cancelling_an_execution_reaches_the_thread_of_its_activity(api: Api, service: Service, caller: str) -> None:
    workflow_id = api.begin(caller, "Caller", "endless", [])
    _wait_for_activity(service, workflow_id)
    api.post(f"/projects/{caller}/executions/{workflow_id}/cancel")
    assert api.outcome(caller, workflow_id)["status"] == "CANCELED"
    # The workflow does not wait for its activity, which learns of it with one of its next heartbeats.
    eventually(lambda: _call(api, caller, "what_was_seen")["result"] == ["cancelled in its thread"])


@pytest.mark.samples
def test_a_projects_activity_comes_before_a_plugins_of_the_same_name(api: Api, caller: str) -> None:
    assert _call(api, caller, "sampleActivity", {"message": "x"})["result"] == "the project's own"


@pytest.mark.samples
def test_activities_of_plugins_can_be_called_from_every_project(api: Api, project_id: str) -> None:
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER})
    assert _call(api, project_id, "sampleActivity", {"message": "hello"})["result"] == "Processed: hello"
    refused = _call(api, project_id, "sampleActivity", {"massage": "hello"})
    assert refused["status"] == "FAILED"
    assert "message: Field required" in refused["error"]


def test_workflows_of_a_project_import_each_other(api: Api, project_id: str) -> None:
    billing = ECHO.replace("class Echo", "class Billing").replace("echo:", "billed:")
    shop = (
        "from ..billing_2.workflow import Billing\n"
        + ECHO.replace("class Echo", "class Shop").replace(
            'return f"echo: {text}"', "return await workflow.execute_child_workflow(Billing.run, text)"
        )
        + '\n\nif __name__ == "__main__":\n    raise RuntimeError("this is not a program")\n'
    )
    api.deploy(project_id, "billing-2", {"version": "1", "workflowCode": billing})
    api.put(f"/projects/{project_id}/workflows/shop", {"version": "1", "workflowCode": shop})
    assert api.run(project_id, "Shop", "tea") == "billed: tea"


@pytest.mark.parametrize("name", ["2fa", "class", "a-b-c", "Import", "x" * 128])
def test_any_valid_name_of_a_workflow_works(api: Api, project_id: str, name: str) -> None:
    api.deploy(project_id, name)
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_a_dynamic_workflow_and_activity_answer_for_every_name(api: Api, project_id: str) -> None:
    code = """
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RawValue


@activity.defn(dynamic=True)
async def anything(args: Sequence[RawValue]) -> str:
    return f"{activity.info().activity_type} of {len(args)}"


@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        done = await workflow.execute_activity("some", args=[1, 2], start_to_close_timeout=timedelta(seconds=5))
        return f"{workflow.info().workflow_type}: {done}"
"""
    api.deploy(project_id, "any", {"version": "1", "workflowCode": code})
    assert api.run(project_id, "WhateverIsAsked") == "WhateverIsAsked: some of 2"


def test_module_state_is_separate_for_each_run(api: Api, project_id: str) -> None:
    code = ECHO.replace("\n\n@workflow", "\nruns = []\n\n\n@workflow").replace(
        'return f"echo: {text}"', "runs.append(text)\n        return str(len(runs))"
    )
    api.deploy(project_id, "counting", {"version": "1", "workflowCode": code})
    assert [api.run(project_id, "Echo", "x") for _ in range(3)] == ["1", "1", "1"]


def _history(service: Service, workflow_id: str) -> list[Any]:
    async def fetch(client: Any) -> list[Any]:
        return list((await client.get_workflow_handle(workflow_id).fetch_history()).events)

    return service.temporal.call(fetch)


def _attempts(service: Service, workflow_id: str) -> int:
    events = _history(service, workflow_id)
    return max(int(event.activity_task_started_event_attributes.attempt) for event in events)


def _failures(service: Service, workflow_id: str) -> list[Any]:
    failed = EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED
    events = [event for event in _history(service, workflow_id) if event.event_type == failed]
    return [event.activity_task_failed_event_attributes.failure for event in events]


def _wait_for_activity(service: Service, workflow_id: str) -> None:
    async def started(client: Any) -> bool:
        described = await client.get_workflow_handle(workflow_id).describe()
        return any(each.HasField("last_heartbeat_time") for each in described.raw_description.pending_activities)

    eventually(lambda: service.temporal.call(started))
