"""The API shows and changes the variables of a project."""

from typing import Any

import pytest

from workerhost.testing import Api


@pytest.fixture
def path(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}")
    return f"/projects/{project_id}/variables"


def test_a_variable_is_put_shown_and_deleted(api: Api, path: str) -> None:
    made = api.put(f"{path}/project/rates", {"value": {"full": 19}})
    assert (made["scope"], made["name"], made["value"], made["version"]) == ("project", "rates", {"full": 19}, 1)
    assert api.get(f"{path}/project/rates") == made
    assert api.put(f"{path}/project/rates", {"value": None})["version"] == 2
    assert api.get(f"{path}/project/rates")["value"] is None
    api.delete(f"{path}/project/rates")
    for missing in (api.get(f"{path}/project/rates", 404), api.delete(f"{path}/project/rates", 404)):
        assert missing["code"] == "variable_not_found"
        assert "has no variable rates of scope project" in missing["error"]


def test_a_change_on_another_version_is_refused(api: Api, path: str) -> None:
    refused = api.put(f"{path}/service/x", {"value": 1, "ifVersion": 1}, expect=409)
    assert (refused["code"], refused["error"]) == (
        "variable_changed",
        "variable x of scope service is not there; look at it again",
    )
    api.put(f"{path}/service/x", {"value": 1, "ifVersion": 0})
    refused = api.put(f"{path}/service/x", {"value": 2, "ifVersion": 0}, expect=409)
    assert "variable x of scope service has version 1 now" in refused["error"]
    assert "has version 1 now" in api.delete(f"{path}/service/x?ifVersion=2", 409)["error"]
    api.delete(f"{path}/service/x?ifVersion=1")


def test_variables_are_listed_in_pages(api: Api, path: str) -> None:
    for scope, name in (("service", "b"), ("project", "b"), ("project", "a/b"), ("project", "ä b")):
        api.put(f"{path}/{scope}/{name}", {"value": name})
    found: list[Any] = []
    cursor: Any = ""
    while cursor is not None:
        page = api.get(f"{path}?limit=3&cursor={cursor}" if cursor else f"{path}?limit=3")
        found += [(each["scope"], each["name"]) for each in page["variables"]]
        cursor = page["cursor"]
    assert sorted(found) == [("project", "a/b"), ("project", "b"), ("project", "ä b"), ("service", "b")]
    assert [each["value"] for each in api.get(f"{path}?scope=project&prefix=a")["variables"]] == ["a/b"]
    first = api.get(f"{path}?limit=1")["cursor"]
    assert "cursor is not valid here" in api.get(f"{path}?scope=project&cursor={first}", 400)["error"]


@pytest.mark.parametrize(
    ("call", "body", "status", "sentence"),
    [
        ("PUT /world/x", {"value": 1}, 400, "scope: Input should be 'project' or 'service'"),
        ("PUT /project/x", {}, 400, "value is required"),
        ("PUT /project/x", {"value": 1, "ifVersion": -1}, 400, "ifVersion"),
        ("PUT /project/x", {"value": 1, "ifVersion": "1"}, 400, "ifVersion"),
        ("PUT /project/x", {"value": 1, "version": 1}, 400, "version is not a known field"),
        ("PUT /project/x", {"value": "x" * 300_000}, 400, "256 KiB at most"),
        (f"PUT /project/{'x' * 201}", {"value": 1}, 400, "name: String should have at most 200 characters"),
        ("PUT /project/a%07b", {"value": 1}, 400, "name must not hold control characters"),
        ("GET ?scope=world", None, 400, "scope: Input should be 'project' or 'service'"),
        ("DELETE /project/x?ifVersion=one", None, 400, "ifVersion must be a version, which is a whole number"),
        ("DELETE /project/x?ifVersion=99999999999999999999", None, 400, "ifVersion must be a version"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(
    api: Api, path: str, call: str, body: Any, status: int, sentence: str
) -> None:
    method, more = call.split(" ")
    assert sentence in api.call(method, f"{path}{more}", body, status)["error"]


def test_a_project_that_is_not_there_has_no_variables(api: Api) -> None:
    for method, more, body in (("GET", "", None), ("GET", "/project/x", None), ("PUT", "/project/x", {"value": 1})):
        refused = api.call(method, f"/projects/nowhere/variables{more}", body, 404)
        assert refused["code"] == "project_not_found"
