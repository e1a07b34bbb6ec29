"""Endpoints of a canvas at work: its webhooks ask runs of the drawing and update them, over the API and its calls."""

from collections.abc import Sequence
from typing import Any

import pytest
from drawings_canvas import activity, graph, line, node

from workerhost.testing import Api, eventually

pytestmark = pytest.mark.samples


class Hooked:
    """A project with one drawing, `order`, and the calls of its webhooks."""

    def __init__(self, api: Api, project: str, source: object) -> None:
        self.api, self.path, self.project = api, f"/projects/{project}", project
        api.put(self.path)
        body = {"version": "1", "source": {"format": "canvas", "document": source}}
        api.put(f"{self.path}/workflows/order", body)
        api.post("/workers/start", {"projectId": project})

    def call(self, webhook: str, body: object) -> tuple[int, Any]:
        answer = self.api.client.post(f"/hooks/{self.project}/order-{webhook}", json=body)
        return answer.status_code, answer.get_json()

    def ask(self, workflow_id: str, webhook: str = "ask") -> Any:
        status, answer = self.call(webhook, {"workflowId": workflow_id})
        assert status == 200, answer
        assert answer["workflowId"] == workflow_id
        return answer["result"]


def stage(identifier: str, code: str) -> dict[str, Any]:
    data = {"componentName": "SetVariable", "variableName": "stage", "valueExpression": code}
    return node(identifier, "state-variable", **data)


def drawing(*hooks: dict[str, Any]) -> dict[str, Any]:
    config = {"signalName": "approve", "expectedFields": ["by"]}
    source = line(
        activity("take", "${input.order}"),
        stage("waiting", "'waiting'"),
        node("wait", "activity", componentName="WaitForSignalActivity", config=config),
        stage("approved", "'approved by ' + wait.by"),
        node("end", "end", resultMapping="{ by: wait.by, stage: state.stage }"),
        variables=[{"name": "stage", "defaultValue": "new"}, {"name": "tries", "defaultValue": 1}],
    )
    return {**source, "nodes": [*source["nodes"], *hooks]}


def hook(identifier: str, **config: Any) -> dict[str, Any]:
    return node(identifier, "api-endpoint", config=config)


ASK, TELL = hook("ask", method="GET", endpoint="/state"), hook("tell", kind="update", name="approve")
BRIEF = hook("brief", kind="query", queryName="brief", resultMapping="{ stage: state.stage, by: wait?.by }")

STRICT = hook("strict", kind="query", queryName="strict", resultMapping="wait.by")


def test_webhooks_show_how_far_a_run_is_and_have_it_go_on(api: Api, project_id: str) -> None:
    hooked = Hooked(api, project_id, drawing(ASK, TELL, BRIEF, STRICT))
    run = api.begin(project_id, "order", {"order": "lamp"})
    eventually(lambda: hooked.ask(run)["state"] == {"stage": "waiting", "tries": 1})
    assert hooked.ask(run)["results"] == {"take": "Processed: lamp", "waiting": "waiting"}
    assert hooked.ask(run, "brief") == {"stage": "waiting"}
    status, refusal = hooked.call("strict", {"workflowId": run})
    assert (status, refusal["code"]) == (422, "query_failed"), "what it reads is not there yet"
    assert "undefined" in refusal["error"]

    status, refusal = hooked.call("tell", {"workflowId": "another", "by": "Ada"})
    assert (status, refusal["code"]) == (404, "execution_not_found")
    assert hooked.call("tell", {"workflowId": run, "by": "Ada"}) == (202, {"workflowId": run})
    assert api.outcome(project_id, run)["result"] == {"by": "Ada", "stage": "approved by Ada"}
    assert hooked.ask(run, "brief") == {"stage": "approved by Ada", "by": "Ada"}, "also after its end"
    assert hooked.ask(run, "strict") == "Ada"

    found = api.get(f"{hooked.path}/workflow-types")["workflowTypes"][0]
    assert [each["name"] for each in found["queries"]] == ["brief", "state", "strict"]
    assert [each["name"] for each in found["updates"]] == ["approve"]


def test_an_update_is_answered_at_once_and_one_without_fields_refused(api: Api, project_id: str) -> None:
    hooked = Hooked(api, project_id, drawing(TELL))
    run = api.begin(project_id, "order", {"order": "lamp"})
    update = f"{hooked.path}/executions/{run}/update"
    refusal = api.post(update, {"name": "approve", "args": ["Ada"]}, 422)
    assert refusal["code"] == "update_refused"
    assert "approve takes an object with fields" in refusal["error"]
    assert api.post(update, {"name": "approve", "args": [{"by": "Bo"}]})["result"] == {"accepted": True}
    assert api.outcome(project_id, run)["result"]["by"] == "Bo"


def test_what_is_answered_outlives_a_loop_that_continues_as_new(api: Api, project_id: str) -> None:
    nodes: Sequence[dict[str, Any]] = [
        activity("first", "${input.order}"),
        node("again", "loop", condition="state.n < 5", continueAsNew=True, maxIterationsBeforeReset=2),
        node("n", "state-variable", componentName="SetVariable", variableName="n", valueExpression="state.n + 1"),
        node("wait", "signal", signalName="go"),
        ASK,
    ]
    ways = ("start > first", "first > again", "again > n : continue", "n > again", "again > wait : done")
    hooked = Hooked(api, project_id, graph(nodes, *ways, variables=[{"name": "n", "defaultValue": 0}]))
    run = api.begin(project_id, "order", {"order": "lamp"})
    shown = {"state": {"n": 5}, "results": {"first": "Processed: lamp", "n": 5}}
    eventually(lambda: hooked.call("ask", {"workflowId": run})[1].get("result") == shown)
    api.post(f"{hooked.path}/executions/{run}/signal", {"name": "go"})
    api.outcome(project_id, run)


def test_the_webhooks_go_with_the_workflow(api: Api, project_id: str) -> None:
    hooked = Hooked(api, project_id, drawing(ASK, TELL))
    names = [each["webhook"] for each in api.get(f"{hooked.path}/webhooks")["webhooks"]]
    assert names == ["order-ask", "order-tell"]
    body = {"version": "2", "source": {"format": "canvas", "document": drawing(BRIEF)}}
    api.put(f"{hooked.path}/workflows/order", body)
    assert [each["webhook"] for each in api.get(f"{hooked.path}/webhooks")["webhooks"]] == ["order-brief"]
    api.client.delete(f"{hooked.path}/workflows/order")
    assert api.get(f"{hooked.path}/webhooks") == {"webhooks": []}
    assert hooked.call("brief", {"workflowId": "any"})[0] == 401
