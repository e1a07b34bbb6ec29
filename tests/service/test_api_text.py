"""Text that is none, or that has no place in a name, is refused wherever it comes in; on both databases."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from support import DATABASES
from support.refusals import refused
from workerhost.testing import ECHO, Api

HALF = "\ud83d"
"""The first half of a surrogate pair, which JSON can hold and UTF-8 cannot."""

CONTROL = ("a\nb", "\t", "a\0b", "\x7f", "a\x85b", "\x9f")

RUNS = "/projects/shop/executions"
CODE = {"version": "2", "workflowCode": ECHO}

TEXTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("PUT", "/projects/shop", {"name": HALF}, "name"),
    ("PUT", "/projects/shop", {"taskQueue": HALF}, "taskQueue"),
    ("PUT", "/projects/shop", {"settings": {"pool": HALF}}, "settings.pool"),
    ("PUT", "/projects/shop/workflows/echo", {**CODE, "workflowCode": HALF}, "workflowCode"),
    ("PUT", "/projects/shop/workflows/echo", {**CODE, "activitiesCode": HALF}, "activitiesCode"),
    ("PUT", "/projects/shop/workflows", {"workflows": [{**CODE, "name": HALF}]}, "workflows.0.name"),
    ("POST", "/projects/shop/workflows/echo/check", {"workflowCode": HALF}, "workflowCode"),
    ("POST", RUNS, {"workflowType": HALF}, "workflowType"),
    ("POST", RUNS, {"workflowType": "Echo", "args": [{HALF: 1}]}, "args.0"),
    ("POST", RUNS, {"workflowType": "Echo", "args": [["x", {"deep": HALF}]]}, "args.0.1.deep"),
    ("POST", f"{RUNS}/one/cancel", {"reason": HALF}, "reason"),
    ("POST", f"{RUNS}/one/terminate", {"reason": f"so {HALF}"}, "reason"),
    ("POST", f"{RUNS}/one/signal", {"name": "say", "args": [HALF]}, "args.0"),
    ("POST", f"{RUNS}/one/move", {"build": HALF}, "build"),
    ("POST", "/workflows/reload", {"workflowId": HALF}, "workflowId"),
]

PATHS = [
    ("GET", "/workers/status/{}"),
    ("PUT", "/projects/{}"),
    ("GET", "/projects/{}/workflows"),
    ("DELETE", "/projects/shop/workflows/{}"),
    ("GET", "/projects/shop/deployment/moves/{}"),
    ("GET", f"{RUNS}/{{}}"),
    ("POST", f"{RUNS}/{{}}/cancel"),
    ("GET", "/{}"),
    ("GET", f"{RUNS}?cursor={{}}"),
    ("GET", f"{RUNS}?{{}}=1"),
]


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(api: Api) -> Api:
    """The API, with a project that does not run."""
    api.deploy("shop", start=False)
    return api


def test_half_of_a_surrogate_pair_is_refused_with_its_place(shop: Api) -> None:
    for method, path, body, place in TEXTS:
        refused(shop, method, path, body, 400, place)
    for path in ("/projects/shop", f"{RUNS}/one/cancel"):
        answer = shop.client.open(
            path,
            method="PUT" if path.endswith("shop") else "POST",
            data=b'{"\xed\xa0\xbd": "\xed\xa0\xbd"}',
            content_type="application/json",
        )
        assert (answer.status_code, answer.get_json()["error"]) == (400, "the body is not valid JSON")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_in_json_is_refused(shop: Api, number: str) -> None:
    body = f'{{"workflowType": "Echo", "args": [{number}]}}'
    answer = shop.client.post(RUNS, data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]) == (
        400,
        f"the body holds {number}, which is no number in JSON",
    )


def test_text_in_an_address_that_is_none_is_refused(shop: Api) -> None:
    for part in ("a%00b", "%00", "%ff", "%ED%A0%BD", "%c3"):
        for method, place in PATHS:
            path, _, query = place.format(part).partition("?")
            sent = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
            answer = shop.client.open("/", method=method, json={}, environ_overrides=sent)
            assert answer.status_code == 400, place
            assert "NUL" in answer.get_json()["error"] or "no UTF-8" in answer.get_json()["error"], place


def test_names_of_any_script_and_any_character_of_an_id_stay_what_they_are(shop: Api) -> None:
    assert shop.put("/projects/shop", {"name": "Läden 商店 🛒"})["name"] == "Läden 商店 🛒"
    for workflow_id in ("L%C3%A4den", "%F0%9F%9B%92", "a%0Ab", "%C2%85", "a b"):
        refused(shop, "GET", f"{RUNS}/{workflow_id}", None, 404)


def test_nul_characters_have_no_place_in_text_for_people_and_may_be_arguments(shop: Api, project_id: str) -> None:
    for action in ("cancel", "terminate"):
        refused(shop, "POST", f"{RUNS}/one/{action}", {"reason": "so\0"}, 400, "reason must not hold NUL characters")
    for field in ("workflowCode", "activitiesCode"):
        body = {**CODE, field: "x = '\0'"}
        answer = refused(shop, "PUT", "/projects/shop/workflows/echo", body, 422)
        assert "null bytes" in json.dumps(answer["problems"])
    shop.deploy(project_id)
    assert shop.run(project_id, "Echo", "a\0b") == "echo: a\0b"


def test_a_byte_order_mark_before_the_body_is_passed_over(shop: Api) -> None:
    answer = shop.client.put("/projects/shop", data=b'\xef\xbb\xbf{"name": "x"}', content_type="application/json")
    assert answer.get_json()["name"] == "x"


def test_no_name_holds_a_control_character(shop: Api) -> None:
    for name in CONTROL:
        for method, path, body, field in (
            ("PUT", "/projects/shop", {"name": name}, "name"),
            ("POST", RUNS, {"workflowType": name}, "workflowType"),
            ("POST", f"{RUNS}/one/signal", {"name": name}, "name"),
            ("POST", "/workflows/reload", {"workflowId": name}, "workflowId"),
        ):
            refused(shop, method, path, body, 400, f"{field} must not hold control characters")
    assert shop.get("/projects/shop")["name"] == "shop"


def test_a_task_queue_that_temporal_cannot_serve_is_refused(shop: Api) -> None:
    reserved = ("/_sys/x", "/_sys/", "temporal-sys-per-ns-tq", "__temporal_x")
    for queue in (*CONTROL, *reserved, 'a"b', "a\\b", "x" * 201):
        refused(shop, "PUT", "/projects/other", {"taskQueue": queue}, 400, "taskQueue")
        refused(shop, "PUT", "/projects/shop", {"taskQueue": queue}, 400, "taskQueue")
    assert shop.get("/projects/shop")["taskQueue"] == "shop-queue"
    refused(shop, "GET", "/projects/other", None, 404)
