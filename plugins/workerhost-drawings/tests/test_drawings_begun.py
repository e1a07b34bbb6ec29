"""What begins the runs of a drawing is set up with it, begins them, and goes with it."""

import json
from typing import Any

import pytest
from drawings_canvas import line, node

from workerhost.testing import Api, eventually

END = node("end", "end", resultMapping="{ got: input ?? null }")


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}")
    return project_id


def _publish(api: Api, project: str, name: str, document: Any, form: str = "canvas") -> None:
    body = {"version": "1", "source": {"format": form, "document": document}}
    api.put(f"/projects/{project}/workflows/{name}", body)
    api.post("/workers/start", {"projectId": project})


def _call(api: Api, project: str, hook: str, body: Any, expect: int = 202) -> Any:
    answer = api.client.post(f"/hooks/{project}/{hook}", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == expect, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_call_of_the_webhook_starts_a_run_until_the_workflow_is_deleted(api: Api, project: str) -> None:
    _publish(api, project, "order", line(node("start", "trigger", triggerType="api-endpoint"), END))
    begun = _call(api, project, "order", {"id": 7})
    assert api.outcome(project, begun["workflowId"])["result"] == {"got": {"id": 7}}
    api.delete(f"/projects/{project}/workflows/order")
    assert api.get(f"/projects/{project}/webhooks")["webhooks"] == []
    _call(api, project, "order", {"id": 8}, 401)  # as where there never was one


def test_a_schedule_starts_a_run_until_the_workflow_is_deleted(api: Api, project: str) -> None:
    config = {"schedule": "0 7 * * *", "timezone": "Europe/Berlin", "input": {"full": True}}
    _publish(api, project, "daily", line(node("start", "trigger", triggerType="scheduled", config=config), END))
    api.post(f"/projects/{project}/schedules/daily/trigger", {}, 202)
    run = eventually(lambda: api.get(f"/projects/{project}/schedules/daily")["recentRuns"])[0]
    assert api.outcome(project, run["workflowId"])["result"] == {"got": {"full": True}}
    api.delete(f"/projects/{project}/workflows/daily")
    assert api.get(f"/projects/{project}/schedules")["schedules"] == []
    api.post(f"/projects/{project}/schedules/daily/trigger", {}, 404)


def test_a_signal_starts_a_run_and_the_next_one_reaches_it(api: Api, project: str) -> None:
    start = node("start", "trigger", triggerType="signal", signalName="ordered", workflowId="$.body.id")
    paid = node("paid", "signal", signalName="ordered", timeout="1m")
    end = node("end", "end", resultMapping="{ got: input.item, then: paid.item }")
    _publish(api, project, "order", line(start, paid, end))
    for item in ("cup", "pot"):
        _call(api, project, "order", {"id": "order-7", "item": item})
    assert api.outcome(project, "order-7")["result"] == {"got": "cup", "then": "pot"}
    api.delete(f"/projects/{project}/workflows/order")
    _call(api, project, "order", {"id": "order-8"}, 401)


def test_a_webhook_that_is_no_trigger_reaches_the_run_that_it_names(api: Api, project: str) -> None:
    document = line(
        node("wait", "signal", signalName="approve", timeout="1m"), node("end", "end", resultMapping="wait.by")
    )
    document["nodes"].append(node("hook", "api-endpoint", config={"signalName": "approve"}))
    _publish(api, project, "order", document)
    run = api.begin(project, "order")
    _call(api, project, "order-hook", {"workflowId": run, "by": "Ada"})
    assert api.outcome(project, run)["result"] == "Ada"
