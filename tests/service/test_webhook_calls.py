"""Webhooks: what becomes of a call, and of one that is sent again."""

import json
import threading
import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from support.webhooks import (
    GENERIC,
    NONE,
    accepted,
    call_webhook,
    headers_of,
    put_webhook,
    result_of,
    webhook_project,
)
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    return webhook_project(api, project_id)


@pytest.mark.parametrize("action", ["signal", "update"])
def test_a_webhook_tells_the_execution_of_an_id_or_starts_it_first(api: Api, project: str, action: str) -> None:
    name = {"signal": "say", "update": "add"}[action]
    told = {"name": name, "workflowType": "Basket", "workflowId": "$.body.id", "args": ["$.body.item"]}
    put_webhook(api, project, action=action, startArgs=["$.body.first"], **told)

    def tell(item: str, call_id: str) -> Any:
        body = json.dumps({"id": f"{project}-basket", "item": item, "first": "bag"})
        return accepted(call_webhook(api, project, body, {"Idempotency-Key": call_id}))

    begun = tell("tea", "1")
    assert tell("tea", "1") == begun, "the same call again"
    assert tell("milk", "2") == begun
    run = f"/projects/{project}/executions/{project}-basket"
    api.post(f"{run}/signal", {"name": "close"}, 202)
    assert sorted(api.outcome(project, begun["workflowId"])["result"]) == ["bag", "milk", "tea"]
    if action == "signal":
        assert tell("tea", "1") == begun, "also after its end"


@pytest.mark.parametrize(
    ("media_type", "data", "expected"),
    [
        ("application/json", '{"a": [1, null]}', {"a": [1, None]}),
        ("application/cloudevents+json", '{"a": 1}', {"a": 1}),
        ("text/plain", '{"a": 1}', {"a": 1}),
        ("text/plain", "plain wörds", "plain wörds"),
        ("application/xml", "<a/>", "<a/>"),
        (
            "application/x-www-form-urlencoded",
            "text=a+b&size=1&size=2&none=",
            {"text": "a b", "size": ["1", "2"], "none": ""},
        ),
        ("application/x-www-form-urlencoded", "payload=%7B%22a%22%3A1%7D", {"a": 1}),
        ("application/x-www-form-urlencoded", '{"a": 1}', {"a": 1}),
        ("application/x-www-form-urlencoded", "[a]=1", {"[a]": "1"}),
        ("application/json", "", None),
    ],
)
def test_a_body_is_read_as_what_it_is(api: Api, project: str, media_type: str, data: str, expected: Any) -> None:
    put_webhook(api, project, args=["$.body"])
    assert result_of(api, project, call_webhook(api, project, data.encode(), media_type=media_type)) == [expected]


def test_arguments_and_the_workflow_id_come_from_body_headers_and_query(api: Api, project: str) -> None:
    put_webhook(
        api,
        project,
        workflowId="$.body.id",
        args=[{"kind": "$.headers.X-Kind", "colour": "$.query.colour"}, "$.body.lines[*].sku", "fixed"],
    )
    workflow_id = f"{project}-7"
    body = json.dumps({"id": workflow_id, "lines": [{"sku": "a"}, {"sku": "b"}]})
    begun = call_webhook(api, project, body, {"x-kind": "paid"}, query="?colour=red&size=1")
    assert accepted(begun)["workflowId"] == workflow_id
    assert result_of(api, project, begun) == [{"kind": "paid", "colour": "red"}, ["a", "b"], "fixed"]


@pytest.mark.parametrize(
    ("data", "media_type", "part"),
    [
        ("{}", "application/json", "the call has nothing at $.body.id, which this webhook needs"),
        ('{"id": "a b"}', "application/json", "what the call has at $.body.id is no workflow id"),
        ('{"id": true}', "application/json", "is no workflow id"),
        ('{"id": ["x"]}', "application/json", "is no workflow id"),
        ('{"id": null}', "application/json", "is no workflow id"),
        ('{"id": 1', "application/json", "the body is not valid JSON"),
        (b"\xff\xfe", "application/octet-stream", "neither JSON nor text"),
        (b"a=%ff", "application/x-www-form-urlencoded", "the body is no form"),
        ("id=1" + "&a=1" * 1001, "application/x-www-form-urlencoded", "the body is no form"),
    ],
)
def test_a_call_that_lacks_something_is_refused_with_a_sentence(
    api: Api, project: str, data: str | bytes, media_type: str, part: str
) -> None:
    put_webhook(api, project, workflowId="$.body.id")
    answer = call_webhook(api, project, data, media_type=media_type)
    assert answer.status_code == 400
    assert part in answer.get_json()["error"]
    assert answer.get_json()["code"] in ("mapping_failed", "invalid_request")


def test_a_call_signals_an_execution_and_one_that_is_sent_again_does_not(api: Api, project: str) -> None:
    put_webhook(api, project, "say", action="signal", name="say", workflowId="$.body.id", args=["$.body.item"])
    workflow_id = api.begin(project, "Basket")

    def say(item: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key} if key else None
        return call_webhook(api, project, json.dumps({"id": workflow_id, "item": item}), headers, name="say")

    run_id = api.get(f"/projects/{project}/executions/{workflow_id}")["runId"]
    for item, key in (("a", "1"), ("a", "1"), ("b", None), ("b", None), ("a", "2")):
        assert accepted(say(item, key)) == {"workflowId": workflow_id, "runId": run_id}
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "close"})
    assert api.outcome(project, workflow_id)["result"] == ["a", "b", "b", "a"]
    assert say("c").status_code == 409
    workflow_id = "nothing"
    assert say("c").status_code == 404


def test_a_call_updates_an_execution_and_one_that_is_sent_again_does_not(api: Api, project: str) -> None:
    put_webhook(api, project, "add", action="update", name="add", workflowId="$.body.id", args=["$.body.item"])
    workflow_id = api.begin(project, "Basket")

    def add(item: str, key: str) -> TestResponse:
        body = json.dumps({"id": workflow_id, "item": item})
        return call_webhook(api, project, body, {"Idempotency-Key": key}, name="add")

    for key in ("1", "1", "2"):
        assert accepted(add("a", key)) == {"workflowId": workflow_id}
    refusal = add("", "3")
    assert (refusal.status_code, refusal.get_json()["code"]) == (422, "update_refused")
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "close"})
    assert api.outcome(project, workflow_id)["result"] == ["a", "a"]


def test_a_call_asks_an_execution_and_is_answered_what_that_says(api: Api, project: str) -> None:
    asked = {"action": "query", "name": "count", "workflowId": "$.body.id", "args": ["$.query.beginning"]}
    put_webhook(api, project, "count", **asked)
    workflow_id = api.begin(project, "Basket", "tea", "milk", "toast")

    def count(beginning: str, of: str = workflow_id) -> tuple[int, Any]:
        answer = call_webhook(api, project, json.dumps({"id": of}), name="count", query=f"?beginning={beginning}")
        return answer.status_code, answer.get_json()

    assert count("t") == (200, {"workflowId": workflow_id, "result": 2})
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "say", "args": ["tin"]})
    assert eventually(lambda: count("t")[1]["result"] == 3)
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "close"})
    api.outcome(project, workflow_id)
    assert count("m") == (200, {"workflowId": workflow_id, "result": 1}), "also after its end"
    status, refusal = count("t", "nothing")
    assert (status, refusal["code"]) == (404, "execution_not_found")
    api.post("/workers/stop", {"projectId": project})
    status, refusal = count("t")
    assert (status, refusal["code"]) == (409, "no_worker")


@pytest.mark.parametrize(
    ("name", "args", "status", "code"),
    [
        ("broken", [], 422, "query_failed"),
        ("nothing", [], 404, "query_not_found"),
        ("count", [], 400, "invalid_arguments"),
        ("count", ["$.body.beginning"], 400, "mapping_failed"),
    ],
)
def test_a_call_that_asks_what_cannot_be_answered_is_refused(
    api: Api, project: str, name: str, args: list[str], status: int, code: str
) -> None:
    workflow_id = api.begin(project, "Basket")
    put_webhook(api, project, "ask", action="query", name=name, workflowId=workflow_id, args=args)
    answer = call_webhook(api, project, name="ask")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("scheme", "headers", "body"),
    [
        (None, {"Idempotency-Key": "one"}, "{}"),
        ("github", {"X-GitHub-Delivery": "0b8f-1"}, "{}"),
        ("stripe", {}, '{"id": "evt_1"}'),
        ("slack", {}, '{"event_id": "Ev1"}'),
    ],
)
def test_a_call_that_is_sent_again_is_the_same_run_also_when_that_has_ended(
    api: Api, project: str, scheme: str | None, headers: dict[str, str], body: str
) -> None:
    put_webhook(api, project, authentication={**GENERIC, "scheme": scheme} if scheme else NONE)
    put_webhook(api, project, "other", authentication={**GENERIC, "scheme": scheme} if scheme else NONE)

    def send(at: int, name: str = "orders") -> Any:
        signature = headers_of(scheme, body, at) if scheme else {}
        return accepted(call_webhook(api, project, body, {**headers, **signature}, name=name))

    now = int(time.time())
    first = send(now)
    assert send(now - 1) == first
    assert api.outcome(project, first["workflowId"])["status"] == "COMPLETED"
    assert send(now - 2) == first
    assert send(now, "other")["workflowId"] != first["workflowId"]


def test_calls_without_a_name_are_runs_of_their_own(api: Api, project: str) -> None:
    put_webhook(api, project)
    assert accepted(call_webhook(api, project))["workflowId"] != accepted(call_webhook(api, project))["workflowId"]


def test_a_call_that_is_sent_again_is_the_same_run_where_it_names_the_workflow_id(api: Api, project: str) -> None:
    put_webhook(api, project, workflowType="Basket", workflowId="$.body.id")
    body = json.dumps({"id": f"{project}-named"})
    first = accepted(call_webhook(api, project, body, {"Idempotency-Key": "1"}))
    assert accepted(call_webhook(api, project, body, {"Idempotency-Key": "1"})) == first
    for headers in ({}, {"Idempotency-Key": "2"}):
        answer = call_webhook(api, project, body, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "execution_running")
    api.post(f"/projects/{project}/executions/{first['workflowId']}/terminate")
    assert accepted(call_webhook(api, project, body, {"Idempotency-Key": "1"})) == first
    second = accepted(call_webhook(api, project, body, {"Idempotency-Key": "2"}))
    assert second["runId"] != first["runId"]
    api.post(f"/projects/{project}/executions/{first['workflowId']}/terminate")


def test_the_same_call_sent_many_times_at_once_is_one_run(api: Api, project: str, service: Service) -> None:
    put_webhook(api, project)
    answers: list[Any] = []

    def send(own: Api) -> None:
        answers.append(call_webhook(own, project, headers={"Idempotency-Key": "1"}).get_json())

    threads = [threading.Thread(target=send, args=[Api.of(service)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert answers[0].keys() == {"workflowId", "runId"}


def test_what_the_webhook_asks_for_and_the_project_does_not_have_is_said(api: Api, project: str) -> None:
    put_webhook(api, project, workflowType="Nothing")
    answer = call_webhook(api, project)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "workflow_type_not_found")
