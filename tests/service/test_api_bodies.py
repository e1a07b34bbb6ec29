"""Each call that takes a body refuses one that does not fit, names the field, and changes nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from support.refusals import dump, refused
from workerhost.api.serving.limits import MAX_BODY_BYTES
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

CODE = {"version": "1", "workflowCode": ECHO}
RUN = {"workflowType": "Echo"}

IDS = {
    "projectId": "shop",
    "name": "echo",
    "workflowId": "x",
    "batchId": "none",
    "scope": "project",
}


@pytest.fixture
def shop(api: Api, service: Service) -> list[Any]:
    """What is stored of a project `shop` that has a workflow and does not run."""
    api.deploy("shop", start=False)
    return dump(service)


BODIES = [
    (b"{", "application/json", 400, "invalid_request"),
    (b"[]", "application/json", 400, "invalid_request"),
    (b'{"a": ' * 50_000, "application/json", 400, "invalid_request"),
    (b"{}", "text/plain", 415, "not_json"),
    (b'"' + b"x" * (4 * 1024 * 1024) + b'"', "application/json", 413, "body_too_large"),
    (b'{"colour": "red"}', "application/json", 400, "invalid_request"),
]


def calls(api: Api) -> Iterator[tuple[str, str]]:
    """Yield the method and the path of each call that takes JSON."""
    for path, methods in api.get("/openapi.json")["paths"].items():
        for method, described in methods.items():
            if "application/json" in described.get("requestBody", {}).get("content", ()):
                yield method.upper(), path.format(**IDS)


def test_every_call_refuses_a_body_that_is_no_object_of_its_own(api: Api, service: Service, shop: list[Any]) -> None:
    called = list(calls(api))
    assert len(called) > 30
    for method, path in called:
        for data, content_type, status, code in BODIES:
            answer = api.client.open(path, method=method, data=data, content_type=content_type)
            assert answer.status_code == status, f"{method} {path} {data[:20]!r}: {answer.get_data(as_text=True)}"
            values = answer.get_json()
            assert set(values) == {"success", "error", "code"}
            assert (values["success"], values["code"]) == (False, code)
            if b"colour" in data:
                assert values["error"] == "colour is not a known field", f"{method} {path}"
    assert dump(service) == shop


def test_no_part_of_a_body_has_keys_that_are_not_known(api: Api) -> None:
    document = api.get("/openapi.json")
    schemas = document["components"]["schemas"]
    bodies = [
        each["requestBody"]
        for methods in document["paths"].values()
        for each in methods.values()
        if "requestBody" in each
    ]
    names, parts = set(re.findall(r"schemas/(\w+)", json.dumps(bodies))), set[str]()
    while names:
        name = names.pop()
        parts.add(name)
        names |= set(re.findall(r"schemas/(\w+)", json.dumps(schemas[name]))) - parts
    assert {"StartBody", "FilterBody", "CalendarBody", "AuthenticationBody", "MessageBody"} <= parts
    for name in parts:
        if "properties" in schemas[name]:
            assert schemas[name]["additionalProperties"] is False, name


PUBLISHES: list[tuple[Any, str]] = [
    ({}, "version is required"),
    ({**CODE, "version": ""}, "version is required"),
    ({**CODE, "version": "-1"}, "version"),
    ({**CODE, "version": "1/2"}, "version"),
    ({**CODE, "version": "1" * 129}, "version"),
    ({**CODE, "version": True}, "version"),
    ({**CODE, "version": 1.5}, "version"),
    ({"version": "1"}, "the body must have workflowCode, or a drawing as source"),
    ({**CODE, "workflowCode": ""}, "workflowCode is required"),
    ({**CODE, "workflowCode": ["x"]}, "workflowCode"),
    ({**CODE, "workflowCode": "x = '\ud800'"}, "workflowCode"),
    ({**CODE, "activitiesCode": 3}, "activitiesCode"),
    ({**CODE, "isActive": True}, "isActive is not a known field"),
]
COMMANDS: list[tuple[str, Any, str]] = [
    ("workflows/echo/activate", {}, "version is required"),
    ("workflows/echo/activate", {"version": None}, "version is required"),
    ("executions", {}, "workflowType is required"),
    ("executions", {"workflowType": 3}, "workflowType"),
    ("executions", {"workflowType": "x" * 201}, "workflowType"),
    ("executions", {**RUN, "args": "hello"}, "args"),
    ("executions", {**RUN, "args": {"text": "hello"}}, "args"),
    ("executions", {**RUN, "workflowId": "../x"}, "workflowId must begin with"),
    ("executions", {**RUN, "workflowId": "x" * 129}, "workflowId must begin with"),
    ("executions/x/cancel", {"reason": 3}, "reason"),
    ("executions/x/signal", {}, "name is required"),
    ("executions/x/signal", {"name": "say", "args": 3}, "args"),
]


def test_a_field_of_a_publish_that_does_not_fit_is_named(api: Api, service: Service, shop: list[Any]) -> None:
    for body, field in PUBLISHES:
        refused(api, "PUT", "/projects/shop/workflows/new", body, 400, field)
    assert dump(service) == shop


def test_a_field_of_a_command_that_does_not_fit_is_named(api: Api, service: Service, shop: list[Any]) -> None:
    for path, body, field in COMMANDS:
        refused(api, "POST", f"/projects/shop/{path}", body, 400, field)
    assert dump(service) == shop


def test_an_argument_that_cannot_be_sent_to_temporal_is_a_bad_request(api: Api, shop: list[Any]) -> None:
    refused(api, "POST", "/projects/shop/executions", {**RUN, "args": ["\ud800"]}, 400)


def test_arguments_larger_than_temporal_takes_are_a_bad_request(api: Api, shop: list[Any]) -> None:
    for size in (3_000_000, MAX_BODY_BYTES - 100):
        refused(api, "POST", "/projects/shop/executions", {**RUN, "args": ["x" * size]}, 400, "takes 2 MiB")


def test_a_reason_longer_than_anybody_reads_is_a_bad_request(api: Api, shop: list[Any]) -> None:
    for action in ("cancel", "terminate"):
        body = {"reason": "x" * 3_000_000}
        refused(api, "POST", f"/projects/shop/executions/one/{action}", body, 400, "reason", "10000 characters")


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    for method, path in (("GET", "/workers/start"), ("POST", "/workers"), ("PATCH", "/projects/x")):
        answer = api.client.open(path, method=method)
        assert answer.status_code == 405
        assert answer.get_json()["code"] == "method_not_allowed"
        assert answer.headers["Allow"]


def test_a_path_with_nothing_behind_it_is_not_found(api: Api) -> None:
    for path in ("/", "/projects/", "/workers/status/", "/projects/shop/nothing", "/nothing"):
        assert refused(api, "GET", path, None, 404)["code"] == "not_found"


def test_ids_of_the_greatest_length_work_in_every_call(api: Api) -> None:
    project_id, name = "p" * 128, "w" * 128
    api.deploy(project_id, name)
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
    workflow_id = f"{project_id}/{name}"
    assert api.get(f"/projects/{project_id}/workflows")["workflows"][0]["workflowId"] == workflow_id
    assert api.post("/workflows/reload", {"workflowId": workflow_id}, expect=200)["workflowId"] == workflow_id
