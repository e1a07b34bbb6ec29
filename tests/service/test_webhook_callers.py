"""Webhooks: who may call them, how often, and with how much."""

import json
import logging
import threading
import time
from typing import Any

import pytest

from support.refusals import refused
from support.webhooks import (
    GENERIC,
    SECRET,
    accepted,
    call_webhook,
    digest,
    headers_of,
    put_webhook,
    result_of,
    webhook_project,
)
from workerhost.runtime.service import Service
from workerhost.testing import Api


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    return webhook_project(api, project_id)


@pytest.mark.parametrize("scheme", ["generic", "github", "stripe", "slack"])
def test_a_call_that_is_signed_starts_an_execution_and_any_other_is_refused(
    api: Api, project: str, scheme: str
) -> None:
    put_webhook(api, project, args=["$.body.id"], authentication={**GENERIC, "scheme": scheme})
    now = int(time.time())
    body = json.dumps({"id": 7, "text": scheme})
    begun = call_webhook(api, project, body, headers_of(scheme, body, now))
    assert accepted(begun).keys() == {"workflowId", "runId"}
    assert result_of(api, project, begun) == [7]
    wrong: list[dict[str, str]] = [
        {},
        headers_of(scheme, body + " ", now),
        headers_of(scheme, body, now, "another secret of that kind"),
    ]
    if scheme in ("stripe", "slack"):
        wrong += [headers_of(scheme, body, now - 400), headers_of(scheme, body, now + 400)]
    for headers in wrong:
        answer = call_webhook(api, project, body, headers)
        assert answer.status_code == 401
        assert answer.get_json() == {"success": False, "error": "the call is not authorized", "code": "not_authorized"}


def test_a_generic_signature_has_a_time_where_a_window_is_asked_for(api: Api, project: str) -> None:
    put_webhook(api, project, args=["$.body"], authentication={**GENERIC, "replayWindowSeconds": 60})
    now = int(time.time())

    def headers(at: int) -> dict[str, str]:
        return {"X-Signature-256": f"sha256={digest(f'{at}.[1]')}", "X-Signature-Timestamp": str(at)}

    first = accepted(call_webhook(api, project, "[1]", headers(now)))
    assert call_webhook(api, project, "[1]", headers(now - 100)).status_code == 401
    assert call_webhook(api, project, "[1]", headers_of("generic", "[1]", now)).status_code == 401
    assert accepted(call_webhook(api, project, "[1]", headers(now))) == first, "a call that is recorded and sent again"
    assert accepted(call_webhook(api, project, "[1]", headers(now - 1))) != first


def test_a_secret_in_a_header_is_asked_for_and_not_passed_on(api: Api, project: str) -> None:
    for header in (None, "X-Token"):
        known = {"kind": "header", "secret": SECRET} | ({"header": header} if header else {})
        shown = put_webhook(api, project, args=["$.headers"], authentication=known)
        name = header or "X-Webhook-Secret"
        assert shown["authentication"]["header"] == name
        given = result_of(api, project, call_webhook(api, project, headers={name: SECRET, "X-Colour": "red"}))[0]
        assert given["x-colour"] == "red"
        assert SECRET not in json.dumps(given)
        for headers in ({}, {name: SECRET + "!"}, {"X-Other": SECRET}):
            assert call_webhook(api, project, headers=headers).status_code == 401


def test_what_is_not_there_is_refused_as_a_wrong_signature_is(api: Api, project: str) -> None:
    put_webhook(api, project, authentication=GENERIC)
    wrong = call_webhook(api, project)
    for there in (
        call_webhook(api, project, name="nothing"),
        call_webhook(api, "nothing"),
        call_webhook(api, f"{project}-other"),
    ):
        assert (there.status_code, there.get_json()) == (401, wrong.get_json())
    api.delete(f"/projects/{project}/webhooks/orders")
    assert call_webhook(api, project, headers=headers_of("generic", "{}", 0)).status_code == 401


def test_a_body_has_one_mebibyte_at_most(api: Api, project: str) -> None:
    put_webhook(api, project, args=["$.headers.content-length"])
    assert result_of(api, project, call_webhook(api, project, b" " * (2**20 - 2) + b"{}")) == [str(2**20)]
    put_webhook(api, project, "closed", authentication=GENERIC)
    for name in ("orders", "closed", "nothing"):
        for size in (2**20 + 1, 10 * 2**20):
            answer = call_webhook(api, project, b" " * size, name=name)
            assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")


def test_a_webhook_takes_so_many_calls_in_a_minute_and_strangers_use_none_of_them(api: Api, project: str) -> None:
    put_webhook(api, project, authentication=GENERIC, ratePerMinute=3)
    right = headers_of("generic", "{}", 0)
    for _ in range(20):
        assert call_webhook(api, project).status_code == 401
    for _ in range(3):
        accepted(call_webhook(api, project, headers=right))
    answer = call_webhook(api, project, headers=right)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_calls")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert call_webhook(api, project).status_code == 401
    put_webhook(api, project, "other")
    accepted(call_webhook(api, project, name="other"))


def test_a_storm_of_wrong_calls_is_cheap_and_hardly_reaches_the_database(
    api: Api, project: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_webhook(api, project, authentication=GENERIC)
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
            assert call_webhook(api, project, headers={"X-Signature-256": "sha256=00"}).status_code == 401
    took = time.monotonic() - began
    assert len(reads) <= 1 + took
    assert took < 10


def test_a_secret_is_in_no_answer_and_no_log(api: Api, project: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"/projects/{project}/webhooks/orders"
    shown = [
        put_webhook(api, project, authentication=GENERIC),
        put_webhook(api, project, authentication={"kind": "hmac"}),
    ]
    shown += [api.get(path), api.get(f"/projects/{project}/webhooks")]
    shown += [
        call_webhook(api, project).get_json(),
        call_webhook(api, project, headers=headers_of("generic", "{}", 0)).get_json(),
    ]
    body = {"action": "start", "authentication": GENERIC}
    shown += [refused(api, "PUT", path, body, 400, "workflowType is required"), api.delete(path)]
    assert SECRET not in json.dumps(shown)
    assert SECRET not in caplog.text
