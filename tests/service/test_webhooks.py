"""Webhooks: who may call them, what becomes of their calls, and what is refused."""

import hashlib
import hmac
import json
import logging
import threading
import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

SECRET = "a secret of sixteen characters"
NONE = {"kind": "none"}
GENERIC = {"kind": "hmac", "secret": SECRET}

BASKET = """
from temporalio import workflow


@workflow.defn
class Basket:
    def __init__(self) -> None:
        self.items: list = []
        self.is_closed = False

    @workflow.run
    async def run(self, *first: object) -> list:
        self.items.extend(first)
        await workflow.wait_condition(lambda: self.is_closed)
        return self.items

    @workflow.signal
    async def say(self, item: object) -> None:
        self.items.append(item)

    @workflow.update
    async def add(self, item: object) -> int:
        self.items.append(item)
        return len(self.items)

    @add.validator
    def check(self, item: object) -> None:
        if not item:
            raise ValueError("an item has a name")

    @workflow.signal
    async def close(self) -> None:
        self.is_closed = True


@workflow.defn
class Give:
    @workflow.run
    async def run(self, *given: object) -> list:
        return list(given)
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "basket", {"version": "1", "workflowCode": BASKET})
    return project_id


def put(api: Api, project: str, webhook: str = "orders", **body: Any) -> Any:
    if body.get("action", "start") == "start":
        body = {"action": "start", "workflowType": "Give", **body}
    return api.put(f"/projects/{project}/webhooks/{webhook}", {"authentication": NONE, **body})


def call(
    api: Api,
    project: str,
    data: bytes | str = b"{}",
    headers: dict[str, str] | None = None,
    *,
    name: str = "orders",
    query: str = "",
    media_type: str = "application/json",
) -> TestResponse:
    return api.client.post(f"/hooks/{project}/{name}{query}", data=data, headers=headers, content_type=media_type)


def accepted(answer: TestResponse) -> Any:
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return answer.get_json()


def result(api: Api, project: str, answer: TestResponse) -> Any:
    return api.outcome(project, accepted(answer)["workflowId"])["result"]


def digest(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def headers_of(scheme: str, body: str, at: int, secret: str = SECRET) -> dict[str, str]:
    if scheme == "github":
        return {"X-Hub-Signature-256": f"sha256={digest(body, secret)}"}
    if scheme == "stripe":
        return {"Stripe-Signature": f"t={at},v1={digest(f'{at}.{body}', secret)}"}
    if scheme == "slack":
        return {
            "X-Slack-Signature": f"v0={digest(f'v0:{at}:{body}', secret)}",
            "X-Slack-Request-Timestamp": str(at),
        }
    return {"X-Signature-256": f"sha256={digest(body, secret)}"}


@pytest.mark.parametrize("action", ["signal", "update"])
def test_a_webhook_tells_the_execution_of_an_id_or_starts_it_first(api: Api, project: str, action: str) -> None:
    name = {"signal": "say", "update": "add"}[action]
    told = {"name": name, "workflowType": "Basket", "workflowId": "$.body.id", "args": ["$.body.item"]}
    put(api, project, action=action, startArgs=["$.body.first"], **told)

    def tell(item: str, call_id: str) -> Any:
        body = json.dumps({"id": f"{project}-basket", "item": item, "first": "bag"})
        return accepted(call(api, project, body, {"Idempotency-Key": call_id}))

    begun = tell("tea", "1")
    assert tell("tea", "1") == begun, "the same call again"
    assert tell("milk", "2") == begun
    run = f"/projects/{project}/executions/{project}-basket"
    api.post(f"{run}/signal", {"name": "close"}, 202)
    assert sorted(api.outcome(project, begun["workflowId"])["result"]) == ["bag", "milk", "tea"]
    if action == "signal":
        assert tell("tea", "1") == begun, "also after its end"


def test_what_is_started_for_a_signal_goes_together_and_fits(api: Api, project: str) -> None:
    hook = f"/projects/{project}/webhooks/orders"
    told = {"action": "signal", "name": "say", "workflowId": "one", "authentication": NONE}
    refused(api, "PUT", hook, {**told, "startArgs": [1]}, 400, "startArgs needs workflowType")
    refused(api, "PUT", hook, {**told, "workflowType": "Basket", "startArgs": ["$.body["]}, 400, "startArgs.0")
    start = {"action": "start", "workflowType": "Give", "startArgs": [1], "authentication": NONE}
    refused(api, "PUT", hook, start, 400, "startArgs is for the actions signal and update alone")
    api.put(hook, {**told, "workflowType": "Basket", "args": [1, 2]}, 201)
    answer = call(api, project)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_arguments")
    api.get(f"/projects/{project}/executions/one", 404)


@pytest.mark.parametrize("scheme", ["generic", "github", "stripe", "slack"])
def test_a_call_that_is_signed_starts_an_execution_and_any_other_is_refused(
    api: Api, project: str, scheme: str
) -> None:
    put(api, project, args=["$.body.id"], authentication={**GENERIC, "scheme": scheme})
    now = int(time.time())
    body = json.dumps({"id": 7, "text": scheme})
    begun = call(api, project, body, headers_of(scheme, body, now))
    assert accepted(begun).keys() == {"workflowId", "runId"}
    assert result(api, project, begun) == [7]
    wrong: list[dict[str, str]] = [
        {},
        headers_of(scheme, body + " ", now),
        headers_of(scheme, body, now, "another secret of that kind"),
    ]
    if scheme in ("stripe", "slack"):
        wrong += [headers_of(scheme, body, now - 400), headers_of(scheme, body, now + 400)]
    for headers in wrong:
        answer = call(api, project, body, headers)
        assert answer.status_code == 401
        assert answer.get_json() == {"success": False, "error": "the call is not authorized", "code": "not_authorized"}


def test_a_generic_signature_has_a_time_where_a_window_is_asked_for(api: Api, project: str) -> None:
    put(api, project, args=["$.body"], authentication={**GENERIC, "replayWindowSeconds": 60})
    now = int(time.time())

    def headers(at: int) -> dict[str, str]:
        return {"X-Signature-256": f"sha256={digest(f'{at}.[1]')}", "X-Signature-Timestamp": str(at)}

    first = accepted(call(api, project, "[1]", headers(now)))
    assert call(api, project, "[1]", headers(now - 100)).status_code == 401
    assert call(api, project, "[1]", headers_of("generic", "[1]", now)).status_code == 401
    assert accepted(call(api, project, "[1]", headers(now))) == first, "a call that is recorded and sent again"
    assert accepted(call(api, project, "[1]", headers(now - 1))) != first


def test_a_secret_in_a_header_is_asked_for_and_not_passed_on(api: Api, project: str) -> None:
    for header in (None, "X-Token"):
        known = {"kind": "header", "secret": SECRET} | ({"header": header} if header else {})
        shown = put(api, project, args=["$.headers"], authentication=known)
        name = header or "X-Webhook-Secret"
        assert shown["authentication"]["header"] == name
        given = result(api, project, call(api, project, headers={name: SECRET, "X-Colour": "red"}))[0]
        assert given["x-colour"] == "red"
        assert SECRET not in json.dumps(given)
        for headers in ({}, {name: SECRET + "!"}, {"X-Other": SECRET}):
            assert call(api, project, headers=headers).status_code == 401


def test_what_is_not_there_is_refused_as_a_wrong_signature_is(api: Api, project: str) -> None:
    put(api, project, authentication=GENERIC)
    wrong = call(api, project)
    for there in (call(api, project, name="nothing"), call(api, "nothing"), call(api, f"{project}-other")):
        assert (there.status_code, there.get_json()) == (401, wrong.get_json())
    api.delete(f"/projects/{project}/webhooks/orders")
    assert call(api, project, headers=headers_of("generic", "{}", 0)).status_code == 401


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
    put(api, project, args=["$.body"])
    assert result(api, project, call(api, project, data.encode(), media_type=media_type)) == [expected]


def test_arguments_and_the_workflow_id_come_from_body_headers_and_query(api: Api, project: str) -> None:
    put(
        api,
        project,
        workflowId="$.body.id",
        args=[{"kind": "$.headers.X-Kind", "colour": "$.query.colour"}, "$.body.lines[*].sku", "fixed"],
    )
    workflow_id = f"{project}-7"
    body = json.dumps({"id": workflow_id, "lines": [{"sku": "a"}, {"sku": "b"}]})
    begun = call(api, project, body, {"x-kind": "paid"}, query="?colour=red&size=1")
    assert accepted(begun)["workflowId"] == workflow_id
    assert result(api, project, begun) == [{"kind": "paid", "colour": "red"}, ["a", "b"], "fixed"]


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
    put(api, project, workflowId="$.body.id")
    answer = call(api, project, data, media_type=media_type)
    assert answer.status_code == 400
    assert part in answer.get_json()["error"]
    assert answer.get_json()["code"] in ("mapping_failed", "invalid_request")


def test_a_call_signals_an_execution_and_one_that_is_sent_again_does_not(api: Api, project: str) -> None:
    put(api, project, "say", action="signal", name="say", workflowId="$.body.id", args=["$.body.item"])
    workflow_id = api.begin(project, "Basket")

    def say(item: str, key: str | None = None) -> TestResponse:
        headers = {"Idempotency-Key": key} if key else None
        return call(api, project, json.dumps({"id": workflow_id, "item": item}), headers, name="say")

    run_id = api.get(f"/projects/{project}/executions/{workflow_id}")["runId"]
    for item, key in (("a", "1"), ("a", "1"), ("b", None), ("b", None), ("a", "2")):
        assert accepted(say(item, key)) == {"workflowId": workflow_id, "runId": run_id}
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "close"})
    assert api.outcome(project, workflow_id)["result"] == ["a", "b", "b", "a"]
    assert say("c").status_code == 409
    workflow_id = "nothing"
    assert say("c").status_code == 404


def test_a_call_updates_an_execution_and_one_that_is_sent_again_does_not(api: Api, project: str) -> None:
    put(api, project, "add", action="update", name="add", workflowId="$.body.id", args=["$.body.item"])
    workflow_id = api.begin(project, "Basket")

    def add(item: str, key: str) -> TestResponse:
        body = json.dumps({"id": workflow_id, "item": item})
        return call(api, project, body, {"Idempotency-Key": key}, name="add")

    for key in ("1", "1", "2"):
        assert accepted(add("a", key)) == {"workflowId": workflow_id}
    refusal = add("", "3")
    assert (refusal.status_code, refusal.get_json()["code"]) == (422, "update_refused")
    api.post(f"/projects/{project}/executions/{workflow_id}/signal", {"name": "close"})
    assert api.outcome(project, workflow_id)["result"] == ["a", "a"]


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
    put(api, project, authentication={**GENERIC, "scheme": scheme} if scheme else NONE)
    put(api, project, "other", authentication={**GENERIC, "scheme": scheme} if scheme else NONE)

    def send(at: int, name: str = "orders") -> Any:
        signature = headers_of(scheme, body, at) if scheme else {}
        return accepted(call(api, project, body, {**headers, **signature}, name=name))

    now = int(time.time())
    first = send(now)
    assert send(now - 1) == first
    assert api.outcome(project, first["workflowId"])["status"] == "COMPLETED"
    assert send(now - 2) == first
    assert send(now, "other")["workflowId"] != first["workflowId"]


def test_calls_without_a_name_are_runs_of_their_own(api: Api, project: str) -> None:
    put(api, project)
    assert accepted(call(api, project))["workflowId"] != accepted(call(api, project))["workflowId"]


def test_a_call_that_is_sent_again_is_the_same_run_where_it_names_the_workflow_id(api: Api, project: str) -> None:
    put(api, project, workflowType="Basket", workflowId="$.body.id")
    body = json.dumps({"id": f"{project}-named"})
    first = accepted(call(api, project, body, {"Idempotency-Key": "1"}))
    assert accepted(call(api, project, body, {"Idempotency-Key": "1"})) == first
    for headers in ({}, {"Idempotency-Key": "2"}):
        answer = call(api, project, body, headers)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "execution_running")
    api.post(f"/projects/{project}/executions/{first['workflowId']}/terminate")
    assert accepted(call(api, project, body, {"Idempotency-Key": "1"})) == first
    second = accepted(call(api, project, body, {"Idempotency-Key": "2"}))
    assert second["runId"] != first["runId"]
    api.post(f"/projects/{project}/executions/{first['workflowId']}/terminate")


def test_the_same_call_sent_many_times_at_once_is_one_run(api: Api, project: str, service: Service) -> None:
    put(api, project)
    answers: list[Any] = []

    def send(own: Api) -> None:
        answers.append(call(own, project, headers={"Idempotency-Key": "1"}).get_json())

    threads = [threading.Thread(target=send, args=[Api.of(service)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(answer == answers[0] for answer in answers)
    assert answers[0].keys() == {"workflowId", "runId"}


def test_a_body_has_one_mebibyte_at_most(api: Api, project: str) -> None:
    put(api, project, args=["$.headers.content-length"])
    assert result(api, project, call(api, project, b" " * (2**20 - 2) + b"{}")) == [str(2**20)]
    put(api, project, "closed", authentication=GENERIC)
    for name in ("orders", "closed", "nothing"):
        for size in (2**20 + 1, 10 * 2**20):
            answer = call(api, project, b" " * size, name=name)
            assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")


def test_a_webhook_takes_so_many_calls_in_a_minute_and_strangers_use_none_of_them(api: Api, project: str) -> None:
    put(api, project, authentication=GENERIC, ratePerMinute=3)
    right = headers_of("generic", "{}", 0)
    for _ in range(20):
        assert call(api, project).status_code == 401
    for _ in range(3):
        accepted(call(api, project, headers=right))
    answer = call(api, project, headers=right)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_calls")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert call(api, project).status_code == 401
    put(api, project, "other")
    accepted(call(api, project, name="other"))


def test_a_storm_of_wrong_calls_is_cheap_and_hardly_reaches_the_database(
    api: Api, project: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(api, project, authentication=GENERIC)
    reads: list[str] = []
    find = service.store.webhooks.find

    def find_and_count(project_id: str, name: str) -> Any:
        reads.append(name)
        return find(project_id, name)

    monkeypatch.setattr(service.store.webhooks, "find", find_and_count)
    write, here = service.store.database.write, threading.get_ident()

    def write_elsewhere(work: Any) -> Any:
        assert threading.get_ident() != here, "a call wrote to the database"
        return write(work)

    began = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(service.store.database, "write", write_elsewhere)
        for _ in range(1000):
            assert call(api, project, headers={"X-Signature-256": "sha256=00"}).status_code == 401
    took = time.monotonic() - began
    assert len(reads) <= 1 + took
    assert took < 10


def test_a_change_counts_at_once_on_the_host_that_made_it(api: Api, project: str) -> None:
    put(api, project, authentication=GENERIC)
    assert call(api, project).status_code == 401
    put(api, project)
    accepted(call(api, project))
    api.delete(f"/projects/{project}/webhooks/orders")
    assert call(api, project).status_code == 401


def test_a_change_by_another_host_counts_soon(api: Api, project: str, service: Service) -> None:
    put(api, project)
    accepted(call(api, project))
    service.store.webhooks.delete(project, "orders")
    eventually(lambda: call(api, project).status_code == 401)


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
    put(api, project, "add", action="update", name="add", workflowId="basket", ratePerMinute=7)
    assert [each["webhook"] for each in api.get(path)["webhooks"]] == ["add", "orders"]
    changed = api.put(f"{path}/orders", {**body, "authentication": {"kind": "hmac", "scheme": "stripe"}}, 200)
    assert changed["authentication"] == {"kind": "hmac", "scheme": "stripe", "header": None, "replayWindowSeconds": 300}
    accepted(call(api, project, "{}", headers_of("stripe", "{}", int(time.time()))))
    assert api.delete(f"{path}/add")["message"] == f"Webhook add of project {project} deleted"
    for method in ("GET", "DELETE"):
        assert refused(api, method, f"{path}/add", None, 404, "has no webhook add")["code"] == "webhook_not_found"


def test_webhooks_of_another_project_are_not_there_and_go_with_theirs(api: Api, project: str) -> None:
    put(api, project, authentication=GENERIC)
    other = f"{project}-other"
    for path in (f"/projects/{other}/webhooks", f"/projects/{other}/webhooks/orders"):
        assert refused(api, "GET", path, None, 404, "does not exist")["code"] == "project_not_found"
    api.deploy(other, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    assert api.get(f"/projects/{other}/webhooks") == {"webhooks": []}
    refused(api, "GET", f"/projects/{other}/webhooks/orders", None, 404, "has no webhook")
    put(api, other, "tell", action="signal", name="say", workflowId="$.body", args=[1])
    workflow_id = api.begin(project, "Basket")
    assert call(api, other, json.dumps(workflow_id), name="tell").status_code == 404
    put(api, other, "begin", workflowType="Echo", workflowId="$.body", args=["x"])
    assert call(api, other, json.dumps(workflow_id), name="begin").status_code == 409
    api.post(f"/projects/{project}/executions/{workflow_id}/terminate")
    api.delete(f"/projects/{other}")
    api.put(f"/projects/{other}")
    assert api.get(f"/projects/{other}/webhooks") == {"webhooks": []}


def test_a_secret_is_in_no_answer_and_no_log(api: Api, project: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"/projects/{project}/webhooks/orders"
    shown = [put(api, project, authentication=GENERIC), put(api, project, authentication={"kind": "hmac"})]
    shown += [api.get(path), api.get(f"/projects/{project}/webhooks")]
    shown += [call(api, project).get_json(), call(api, project, headers=headers_of("generic", "{}", 0)).get_json()]
    body = {"action": "start", "authentication": GENERIC}
    shown += [refused(api, "PUT", path, body, 400, "workflowType is required"), api.delete(path)]
    assert SECRET not in json.dumps(shown)
    assert SECRET not in caplog.text


START = {"action": "start", "workflowType": "Give"}
SIGNAL = {"action": "signal", "name": "say", "workflowId": "$.body.id"}


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"workflowType": "Give", "authentication": NONE}, "action is required"),
        ({"action": "begin", "authentication": NONE}, "action: Input should be 'start', 'signal' or 'update'"),
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
        ({**START, "name": "say", "authentication": NONE}, "name is for the actions signal and update alone"),
        ({**SIGNAL, "name": None, "authentication": NONE}, "name is required for the action signal"),
        ({**SIGNAL, "workflowId": None, "authentication": NONE}, "workflowId is required for the action signal"),
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


def test_the_secret_of_one_kind_is_not_kept_for_another(api: Api, project: str) -> None:
    put(api, project, authentication=GENERIC)
    path = f"/projects/{project}/webhooks/orders"
    refused(api, "PUT", path, {**START, "authentication": {"kind": "header"}}, 400, "authentication.secret is required")
    put(api, project)
    refused(api, "PUT", path, {**START, "authentication": {"kind": "hmac"}}, 400, "authentication.secret is required")


def test_what_the_webhook_asks_for_and_the_project_does_not_have_is_said(api: Api, project: str) -> None:
    put(api, project, workflowType="Nothing")
    answer = call(api, project)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "workflow_type_not_found")
