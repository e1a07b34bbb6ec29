"""Published code can be read, and compared with what was published before."""

import pytest

from workerhost.testing import ECHO, Api

ACTIVITIES = "from temporalio import activity\n\n\n@activity.defn\ndef send() -> None: ...\n"
LOUD = ECHO.replace("echo:", "ECHO:")


@pytest.fixture
def shop(api: Api, project_id: str) -> str:
    """A project whose workflow `echo` has two versions."""
    api.put(f"/projects/{project_id}")
    path = f"/projects/{project_id}/workflows/echo"
    modules = {"models": "x = 1\n", "rules.prices": "", "..shared": "s = 1\n"}
    api.put(path, {"version": "1", "workflowCode": ECHO, "activitiesCode": ACTIVITIES, "modules": modules})
    changed = {"models": "x = 2\n", "..shared": "s = 1\n", "more": "m = 1\n"}
    api.put(path, {"version": "2", "workflowCode": LOUD, "modules": changed})
    return project_id


def test_a_version_is_read_with_its_sources(api: Api, shop: str) -> None:
    path = f"/projects/{shop}/workflows/echo/versions"
    first = api.get(f"{path}/1")
    assert first.pop("compiledAt").endswith("Z")
    assert first == {
        "version": "1",
        "workflowCode": ECHO,
        "activitiesCode": ACTIVITIES,
        "modules": {"models": "x = 1\n", "rules.prices": "", "..shared": "s = 1\n"},
        "isActive": False,
    }
    second = api.get(f"{path}/2")
    assert (second["activitiesCode"], second["isActive"]) == (None, True)


def test_a_build_is_read_with_its_modules_for_as_long_as_it_is_stored(api: Api, shop: str) -> None:
    build = api.get(f"/projects/{shop}/builds/current")
    assert build == {
        "buildId": api.get(f"/projects/{shop}/deployment")["currentBuild"],
        "isCurrent": True,
        "versions": {"echo": "2"},
        "modules": {"echo.workflow": LOUD, "echo.models": "x = 2\n", "echo.more": "m = 1\n", "shared": "s = 1\n"},
        "workflowTypes": ["Echo"],
        "activities": [],
    }
    assert api.get(f"/projects/{shop}/builds/{build['buildId']}") == build
    assert api.get(f"/projects/{shop}/builds/{first_build(api, shop)}")["isCurrent"] is False


def test_two_versions_are_compared_module_by_module(api: Api, shop: str) -> None:
    answer = api.get(f"/projects/{shop}/workflows/echo/versions/2/diff?from=1")
    assert (answer["from"], answer["to"]) == ("1", "2")
    assert [(each["module"], each["kind"]) for each in answer["changes"]] == [
        ("activities", "removed"),
        ("models", "changed"),
        ("more", "added"),
        ("rules.prices", "removed"),
        ("workflow", "changed"),
    ]
    assert answer["changes"][1] == {
        "module": "models",
        "kind": "changed",
        "diff": "--- models\n+++ models\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",
    }
    assert api.get(f"/projects/{shop}/workflows/echo/versions/2/diff?from=2")["changes"] == []


def test_two_builds_are_compared_module_by_module(api: Api, shop: str) -> None:
    first = first_build(api, shop)
    answer = api.get(f"/projects/{shop}/builds/current/diff?from={first}")
    assert (answer["from"], answer["to"]) == (first, api.get(f"/projects/{shop}/deployment")["currentBuild"])
    assert [each["module"] for each in answer["changes"]] == [
        "echo.activities",
        "echo.models",
        "echo.more",
        "echo.rules.prices",
        "echo.workflow",
    ]
    back = api.get(f"/projects/{shop}/builds/{first}/diff?from=current")
    assert back["changes"][2]["kind"] == "removed"


def test_what_is_not_there_is_not_found(api: Api, shop: str) -> None:
    other = f"{shop}-other"
    api.put(f"/projects/{other}")
    for path, code in (
        (f"/projects/{shop}-none/workflows/echo/versions/1", "project_not_found"),
        (f"/projects/{shop}/workflows/none/versions/1", "workflow_not_found"),
        (f"/projects/{shop}/workflows/echo/versions/3", "version_not_found"),
        (f"/projects/{shop}/workflows/echo/versions/3/diff?from=1", "version_not_found"),
        (f"/projects/{shop}/workflows/echo/versions/1/diff?from=3", "version_not_found"),
        (f"/projects/{other}/workflows/echo/versions/1", "workflow_not_found"),
        (f"/projects/{shop}/builds/00000000", "build_not_found"),
        (f"/projects/{shop}/builds/current/diff?from=00000000", "build_not_found"),
        (f"/projects/{other}/builds/current", "build_not_found"),
        (f"/projects/{other}/builds/{first_build(api, shop)}", "build_not_found"),
        (f"/projects/{shop}-none/builds/current", "project_not_found"),
    ):
        assert api.get(path, expect=404)["code"] == code, path


def test_what_a_call_does_not_take_is_refused_by_name(api: Api, shop: str) -> None:
    for path, said in (
        ("workflows/echo/versions/2/diff", "from is required"),
        ("builds/current/diff", "from is required"),
        ("builds/current/diff?from=newest", "from: "),
        ("builds/newest", "build: "),
        ("workflows/echo/versions/~", "version: "),
        ("workflows/echo/versions/2?form=1", "form is not a known parameter"),
        ("workflows/echo/versions/2/diff?from=1&from=2", "from stands in the query more than once"),
    ):
        assert said in api.get(f"/projects/{shop}/{path}", expect=400)["error"], path


def first_build(api: Api, project_id: str) -> str:
    """Return the id of the build that was current first."""
    build: str = api.get(f"/projects/{project_id}/deployment")["builds"][-1]["digest"]
    return build
