"""How executions are started: what is noted with them, when they begin, and what happens where the id runs already."""

from typing import Any

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client

from support import greeting
from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

WAITS = """
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(hours=1))


@workflow.defn
class Priority:
    @workflow.run
    async def run(self) -> list:
        priority = workflow.info().priority
        return [priority.priority_key, priority.fairness_key]
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    api.deploy(project_id, "waits", {"version": "1", "workflowCode": WAITS})
    return project_id


def start(api: Api, project: str, workflow_type: str, **body: Any) -> Any:
    return api.post(f"/projects/{project}/executions", {"workflowType": workflow_type, **body})


def look(api: Api, project: str, workflow_id: str) -> Any:
    return api.get(f"/projects/{project}/executions/{workflow_id}?wait=20")


def test_a_memo_and_search_attributes_are_noted_and_an_execution_can_be_found(
    api: Api, project: str, service: Service
) -> None:
    kinds = {
        "wordOfTest": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        "numberOfTest": IndexedValueType.INDEXED_VALUE_TYPE_INT,
        "timeOfTest": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
        "wordsOfTest": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    }

    async def add(client: Client) -> None:
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
        await client.operator_service.add_search_attributes(request)

    service.temporal.call(add)
    given = {
        "wordOfTest": "red",
        "numberOfTest": 7,
        "timeOfTest": "2026-01-31T12:00:00+00:00",
        "wordsOfTest": ["a", "b"],
    }
    begun = start(api, project, "Echo", args=["tea"], memo={"order": {"id": 1}}, searchAttributes=given)
    found = look(api, project, begun["workflowId"])
    assert found["memo"] == {"order": {"id": 1}}
    assert {**found["searchAttributes"], "timeOfTest": given["timeOfTest"]} == given
    path = f"/projects/{project}/executions"
    for wrong, part in (
        ({"colourOfTest": "red"}, "searchAttributes.colourOfTest: Temporal has no such search attribute; it has"),
        ({"numberOfTest": "seven"}, "searchAttributes.numberOfTest must be a whole number"),
        ({"numberOfTest": True}, "searchAttributes.numberOfTest must be a whole number"),
        ({"timeOfTest": "noon"}, "searchAttributes.timeOfTest must be a time with its zone"),
        ({"wordsOfTest": ["a", 1]}, "searchAttributes.wordsOfTest must be a list of texts"),
    ):
        body = {"workflowType": "Echo", "args": ["tea"], "searchAttributes": wrong}
        refused(api, "POST", path, body, 400, part)


def test_an_execution_has_its_time_its_delay_and_its_turn(api: Api, project: str) -> None:
    short = start(api, project, "Waits", executionTimeoutSeconds=1)["workflowId"]
    assert look(api, project, short)["status"] == "TIMED_OUT"
    late = start(api, project, "Echo", args=["tea"], startDelaySeconds=3600)["workflowId"]
    found = api.get(f"/projects/{project}/executions/{late}")
    assert (found["status"], found["buildId"], found["stuck"]) == ("RUNNING", None, None)
    api.post(f"/projects/{project}/executions/{late}/terminate")
    urgent = start(api, project, "Priority", priority=1, fairnessKey="Ada")["workflowId"]
    assert look(api, project, urgent)["result"] == [1, "Ada"]


def test_it_is_chosen_what_happens_where_the_id_runs(api: Api, project: str) -> None:
    one = f"{project}-one"
    first = start(api, project, "Waits", workflowId=one)
    body = {"workflowType": "Waits", "workflowId": one}
    answer = refused(api, "POST", f"/projects/{project}/executions", body, 409, "is running")
    assert answer["code"] == "execution_running"
    assert start(api, project, "Waits", workflowId=one, ifExists="use") == first
    second = start(api, project, "Waits", workflowId=one, ifExists="terminate")
    assert second["runId"] != first["runId"]
    assert api.get(f"/projects/{project}/executions/{one}")["runId"] == second["runId"]
    api.post(f"/projects/{project}/executions/{one}/terminate")
    for if_exists in ("use", "terminate"):
        again = start(api, project, "Echo", args=["tea"], workflowId=one, ifExists=if_exists)
        assert look(api, project, one)["runId"] == again["runId"]


def test_an_execution_of_another_project_is_neither_used_nor_ended(api: Api, project: str) -> None:
    taken = f"{project}-taken"
    start(api, project, "Waits", workflowId=taken)
    other = f"{project}-other"
    api.deploy(other, "waits", {"version": "1", "workflowCode": WAITS}, start=False)
    for if_exists in ("fail", "use", "terminate"):
        body = {"workflowType": "Waits", "workflowId": taken, "ifExists": if_exists}
        refused(api, "POST", f"/projects/{other}/executions", body, 409, "is running")
    assert api.get(f"/projects/{project}/executions/{taken}")["status"] == "RUNNING"
    refused(api, "POST", f"/projects/{other}/executions/{taken}/retry", None, 404, "has no execution")
    api.post(f"/projects/{project}/executions/{taken}/terminate")


def test_a_retry_has_the_same_arguments_and_the_current_build(api: Api, project_id: str) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    hello, again = f"{project_id}-hello", f"{project_id}-again"
    first = start(api, project_id, "Greeting", args=["Ada"], workflowId=hello, memo={"by": "Ada"})
    path = f"/projects/{project_id}/executions/{hello}"
    eventually(lambda: api.get(path)["buildId"])
    refused(api, "POST", f"{path}/retry", None, 409, "is running")
    api.post(f"{path}/terminate")
    api.put(f"/projects/{project_id}/workflows/greeting", greeting("B"))
    second = api.post(f"{path}/retry", expect=202)
    assert (second["workflowId"], second["runId"] != first["runId"]) == (hello, True)
    api.post(f"{path}/signal", {"name": "say", "args": ["bye"]})
    found = api.get(f"{path}?wait=20")
    assert found["result"] == ["B", "Ada from B", "bye from B"]
    assert (found["input"], found["memo"]) == (["Ada"], {"by": "Ada"})
    third = api.post(f"{path}/retry", {"workflowId": again}, expect=202)
    assert third["workflowId"] == again
    api.post(f"/projects/{project_id}/executions/{again}/terminate")
    refused(api, "POST", f"/projects/{project_id}/executions/nothing/retry", None, 404, "has no execution")


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"executionTimeoutSeconds": 0}, "executionTimeoutSeconds"),
        ({"startDelaySeconds": -1}, "startDelaySeconds"),
        ({"startDelaySeconds": "1"}, "startDelaySeconds"),
        ({"ifExists": "ask"}, "ifExists: Input should be 'fail', 'use' or 'terminate'"),
        ({"priority": 6}, "priority"),
        ({"fairnessKey": ""}, "fairnessKey"),
        ({"memo": ["a"]}, "memo"),
    ],
)
def test_options_that_do_not_fit_are_named(api: Api, project_id: str, body: dict[str, Any], part: str) -> None:
    api.put(f"/projects/{project_id}")
    refused(api, "POST", f"/projects/{project_id}/executions", {"workflowType": "Echo", **body}, 400, part)
