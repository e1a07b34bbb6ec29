"""Webhooks: made, shown, changed and deleted, and what does not fit is refused."""

import json
import time
from typing import Any

import pytest

from support.refusals import refused
from support.webhooks import (
    GENERIC,
    NONE,
    SECRET,
    accepted,
    call_webhook,
    headers_of,
    put_webhook,
    webhook_project,
)
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

START = {"action": "start", "workflowType": "Give"}
SIGNAL = {"action": "signal", "name": "say", "workflowId": "$.body.id"}
QUERY = {"action": "query", "name": "count", "workflowId": "$.body.id"}


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    return webhook_project(api, project_id)


def test_webhooks_are_listed_shown_changed_and_deleted(api: Api, project: str) -> None:
    path = f"/projects/{project}/webhooks"
    assert api.get(path) == {"webhooks": []}
    body = {"action": "start", "workflowType": "Give", "args": ["$.body"], "authentication": {**GENERIC}}
    first = api.put(f"{path}/orders", body, 201)
    assert first == {
        "webhook": "orders",
        "path": f"/hooks/{project}/orders",
        "action": "start",
        "workflowType": "Give",
        "name": None,
        "workflowId": None,
        "args": ["$.body"],
        "startArgs": [],
        "authentication": {"kind": "hmac", "scheme": "generic", "header": None, "replayWindowSeconds": None},
        "ratePerMinute": 600,
    }
    assert api.get(f"{path}/orders") == first
    put_webhook(api, project, "add", action="update", name="add", workflowId="basket", ratePerMinute=7)
    assert [each["webhook"] for each in api.get(path)["webhooks"]] == ["add", "orders"]
    changed = api.put(f"{path}/orders", {**body, "authentication": {"kind": "hmac", "scheme": "stripe"}}, 200)
    assert changed["authentication"] == {"kind": "hmac", "scheme": "stripe", "header": None, "replayWindowSeconds": 300}
    accepted(call_webhook(api, project, "{}", headers_of("stripe", "{}", int(time.time()))))
    assert api.delete(f"{path}/add")["message"] == f"Webhook add of project {project} deleted"
    for method in ("GET", "DELETE"):
        assert refused(api, method, f"{path}/add", None, 404, "has no webhook add")["code"] == "webhook_not_found"


def test_a_change_counts_at_once_on_the_host_that_made_it(api: Api, project: str) -> None:
    put_webhook(api, project, authentication=GENERIC)
    assert call_webhook(api, project).status_code == 401
    put_webhook(api, project)
    accepted(call_webhook(api, project))
    api.delete(f"/projects/{project}/webhooks/orders")
    assert call_webhook(api, project).status_code == 401


def test_a_change_by_another_host_counts_soon(api: Api, project: str, service: Service) -> None:
    put_webhook(api, project)
    accepted(call_webhook(api, project))
    service.store.webhooks.delete(project, "orders")
    eventually(lambda: call_webhook(api, project).status_code == 401)


def test_webhooks_of_another_project_are_not_there_and_go_with_theirs(api: Api, project: str) -> None:
    put_webhook(api, project, authentication=GENERIC)
    other = f"{project}-other"
    for path in (f"/projects/{other}/webhooks", f"/projects/{other}/webhooks/orders"):
        assert refused(api, "GET", path, None, 404, "does not exist")["code"] == "project_not_found"
    api.deploy(other, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    assert api.get(f"/projects/{other}/webhooks") == {"webhooks": []}
    refused(api, "GET", f"/projects/{other}/webhooks/orders", None, 404, "has no webhook")
    put_webhook(api, other, "tell", action="signal", name="say", workflowId="$.body", args=[1])
    workflow_id = api.begin(project, "Basket")
    assert call_webhook(api, other, json.dumps(workflow_id), name="tell").status_code == 404
    put_webhook(api, other, "begin", workflowType="Echo", workflowId="$.body", args=["x"])
    assert call_webhook(api, other, json.dumps(workflow_id), name="begin").status_code == 409
    api.post(f"/projects/{project}/executions/{workflow_id}/terminate")
    api.delete(f"/projects/{other}")
    api.put(f"/projects/{other}")
    assert api.get(f"/projects/{other}/webhooks") == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"workflowType": "Give", "authentication": NONE}, "action is required"),
        ({"action": "begin", "authentication": NONE}, "action: Input should be 'start', 'signal', 'update' or 'query'"),
        (START, "authentication is required"),
        ({**START, "authentication": {}}, "authentication.kind is required"),
        ({**START, "authentication": {"kind": "open"}}, "authentication.kind: Input should be"),
        ({**START, "authentication": {"kind": "hmac"}}, "authentication.secret is required"),
        ({**START, "authentication": {"kind": "header"}}, "authentication.secret is required"),
        ({**START, "authentication": {"kind": "hmac", "secret": "short"}}, "authentication.secret: String should have"),
        ({**START, "authentication": {"kind": "hmac", "secret": " " * 20}}, "authentication.secret must not begin"),
        ({**START, "authentication": {**NONE, "secret": SECRET}}, "authentication.secret is not for the kind none"),
        ({**START, "authentication": {**GENERIC, "header": "X-A"}}, "authentication.header is for the kind header"),
        ({**START, "authentication": {**NONE, "scheme": "github"}}, "authentication.scheme is for the kind hmac"),
        ({**START, "authentication": {**GENERIC, "scheme": "paypal"}}, "authentication.scheme: Input should be"),
        (
            {**START, "authentication": {**GENERIC, "scheme": "github", "replayWindowSeconds": 60}},
            "authentication.replayWindowSeconds is not for the scheme github",
        ),
        ({**START, "authentication": {**GENERIC, "replayWindowSeconds": 0}}, "authentication.replayWindowSeconds"),
        (
            {**START, "authentication": {"kind": "header", "secret": SECRET, "header": "X A"}},
            "authentication.header: String should match",
        ),
        ({**START, "authentication": {**NONE, "colour": "red"}}, "authentication.colour is not a known field"),
        ({"action": "start", "authentication": NONE}, "workflowType is required for the action start"),
        ({**START, "name": "say", "authentication": NONE}, "name is for the actions signal, update and query alone"),
        ({**SIGNAL, "name": None, "authentication": NONE}, "name is required for the action signal"),
        ({**SIGNAL, "workflowId": None, "authentication": NONE}, "workflowId is required for the action signal"),
        ({**QUERY, "name": None, "authentication": NONE}, "name is required for the action query"),
        ({**QUERY, "workflowId": None, "authentication": NONE}, "workflowId is required for the action query"),
        (
            {**QUERY, "workflowType": "Basket", "authentication": NONE},
            "workflowType is for the actions start, signal and update alone",
        ),
        ({**QUERY, "startArgs": [1], "authentication": NONE}, "startArgs is for the actions signal and update alone"),
        ({**START, "workflowId": "a b", "authentication": NONE}, "workflowId must begin with a letter or digit"),
        ({**START, "workflowId": "$.body[", "authentication": NONE}, "workflowId: $.body[ is no JSONPath"),
        ({**START, "args": [1, "$.body.a b"], "authentication": NONE}, "args.1: $.body.a b is no JSONPath: "),
        ({**START, "args": [1, "$.body.a b"], "authentication": NONE}, "at position 9"),
        ({**START, "args": {}, "authentication": NONE}, "args: Input should be a valid list"),
        ({**START, "ratePerMinute": 0, "authentication": NONE}, "ratePerMinute"),
        ({**START, "ratePerMinute": "1", "authentication": NONE}, "ratePerMinute"),
        ({**START, "colour": 1, "authentication": NONE}, "colour is not a known field"),
    ],
)
def test_a_webhook_that_does_not_fit_is_refused_and_nothing_is_stored(
    api: Api, project_id: str, body: dict[str, Any], part: str
) -> None:
    api.put(f"/projects/{project_id}")
    path = f"/projects/{project_id}/webhooks"
    refused(api, "PUT", f"{path}/orders", body, 400, part)
    assert api.get(path) == {"webhooks": []}


def test_what_is_started_for_a_signal_goes_together_and_fits(api: Api, project: str) -> None:
    hook = f"/projects/{project}/webhooks/orders"
    told = {"action": "signal", "name": "say", "workflowId": project, "authentication": NONE}
    refused(api, "PUT", hook, {**told, "startArgs": [1]}, 400, "startArgs needs workflowType")
    refused(api, "PUT", hook, {**told, "workflowType": "Basket", "startArgs": ["$.body["]}, 400, "startArgs.0")
    start = {"action": "start", "workflowType": "Give", "startArgs": [1], "authentication": NONE}
    refused(api, "PUT", hook, start, 400, "startArgs is for the actions signal and update alone")
    api.put(hook, {**told, "workflowType": "Basket", "args": [1, 2]}, 201)
    answer = call_webhook(api, project)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_arguments")
    api.get(f"/projects/{project}/executions/{project}", 404)


def test_the_secret_of_one_kind_is_not_kept_for_another(api: Api, project: str) -> None:
    put_webhook(api, project, authentication=GENERIC)
    path = f"/projects/{project}/webhooks/orders"
    refused(api, "PUT", path, {**START, "authentication": {"kind": "header"}}, 400, "authentication.secret is required")
    put_webhook(api, project)
    refused(api, "PUT", path, {**START, "authentication": {"kind": "hmac"}}, 400, "authentication.secret is required")
