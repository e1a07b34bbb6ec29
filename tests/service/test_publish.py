"""Publishing checks all of it and then changes all of it, or nothing."""

from typing import Any

import pytest

from support import greeting
from support.publishing import active_version, publish, published, shown, stored, work
from support.refusals import refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

BROKEN = {"version": "B", "workflowCode": "from temporalio import workflow\nx = nothing\n"}

BUYING = ECHO.replace("class Echo", "class Buying").replace("echo:", "buying:")
SELLING = ECHO.replace("class Echo", "class Selling").replace("echo:", "selling:")
ACTIVITY = "from temporalio import activity\n\n\n@activity.defn\ndef NAME() -> None: ...\n"
TRADE = [
    {
        "name": "buying",
        "version": "1",
        "workflowCode": "from ..selling.activities import price\n" + BUYING,
        "activitiesCode": ACTIVITY.replace("NAME", "pay"),
    },
    {
        "name": "selling",
        "version": "1",
        "workflowCode": "from ..buying.activities import pay\n" + SELLING,
        "activitiesCode": ACTIVITY.replace("NAME", "price"),
    },
]
"""Two workflows that import each other."""


def _path(project_id: str, name: str = "work") -> str:
    return f"/projects/{project_id}/workflows/{name}"


def test_a_dry_run_says_what_would_be_published_and_stores_nothing(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "work", work("A"))
    before = stored(service, project_id)
    answer = api.put(f"{_path(project_id)}?dryRun=true", work("B"), expect=200)
    assert (answer["success"], answer["dryRun"], answer["changed"]) == (True, True, True)
    assert (answer["workflowId"], answer["version"]) == (f"{project_id}/work", "B")
    assert "nothing was stored" in answer["message"]
    assert service.store.builds.get(project_id, answer["buildId"]) is None
    assert stored(service, project_id) == before
    assert api.run(project_id, "Work") == "A"
    assert publish(api, project_id, "B")["buildId"] == answer["buildId"]


def test_a_dry_run_of_what_is_current_says_that_nothing_would_change(api: Api, project_id: str) -> None:
    api.deploy(project_id, "work", work("A"))
    assert api.put(f"{_path(project_id)}?dryRun=true", work("A"), expect=200)["changed"] is False


def test_a_dry_run_refuses_broken_code_like_a_publish(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, "work", work("A"))
    before = stored(service, project_id)
    answers = [
        refused(api, "PUT", _path(project_id) + query, BROKEN, 422, "work.workflow, line 2", "NameError")
        for query in ("?dryRun=true", "")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "build_refused"
    assert (answers[0]["problems"][0]["module"], answers[0]["problems"][0]["line"]) == ("work.workflow", 2)
    assert stored(service, project_id) == before


@pytest.mark.parametrize("query", ["?dryRun=true", ""])
def test_a_version_that_exists_with_other_code_is_refused(
    api: Api, service: Service, project_id: str, query: str
) -> None:
    api.deploy(project_id, "work", work("A"))
    before = stored(service, project_id)
    body = {**work("B"), "version": "A"}
    answer = refused(api, "PUT", _path(project_id) + query, body, 409, "version A of workflow work exists")
    assert answer["code"] == "version_exists"
    several = {"workflows": [{"name": "echo", "version": "1", "workflowCode": ECHO}, {"name": "work", **body}]}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows{query}", several, 409)
    assert answer["code"] == "version_exists"
    assert stored(service, project_id) == before


def test_publishing_the_current_build_again_says_so_and_changes_nothing(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "work", work("A"))
    first = publish(api, project_id, "B")
    assert first["changed"] is True
    before, revision = stored(service, project_id), shown(api, project_id)["revision"]
    again = publish(api, project_id, "B")
    assert (again["changed"], again["buildId"]) == (False, first["buildId"])
    assert "already" in again["message"]
    assert publish(api, project_id, "B", ramp=10)["changed"] is False, "there is nothing to try"
    assert stored(service, project_id) == before
    assert shown(api, project_id)["revision"] == revision


def test_another_version_of_the_same_code_becomes_active_in_the_same_build(api: Api, project_id: str) -> None:
    api.deploy(project_id, "work", work("A"))
    build_id = shown(api, project_id)["currentBuild"]
    answer = api.put(_path(project_id), {**work("A"), "version": "A2"}, expect=200)
    assert (answer["changed"], answer["buildId"]) == (True, build_id)
    assert active_version(api, project_id) == "A2"
    assert shown(api, project_id)["builds"][0]["versions"] == {"work": "A2"}


def test_workflows_that_import_each_other_go_live_together_and_not_one_by_one(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "work", work("A"))
    before = stored(service, project_id)
    for each in TRADE:
        body = {key: value for key, value in each.items() if key != "name"}
        refused(api, "PUT", _path(project_id, each["name"]), body, 422, f"{each['name']}.workflow, line 1")
    assert stored(service, project_id) == before

    answer = api.put(f"/projects/{project_id}/workflows", {"workflows": TRADE}, expect=200)
    assert answer["workflows"] == [
        {"workflowId": f"{project_id}/buying", "version": "1"},
        {"workflowId": f"{project_id}/selling", "version": "1"},
    ]
    assert (answer["success"], answer["changed"]) == (True, True)
    assert shown(api, project_id)["currentBuild"] == answer["buildId"]
    assert len(service.store.deployments.events(project_id)) == len(before[-1]) + 1
    assert [api.run(project_id, name, "x") for name in ("Buying", "Selling")] == ["buying: x", "selling: x"]
    assert api.run(project_id, "Work") == "A", "a workflow that is not named stays as it is"

    again = api.put(f"/projects/{project_id}/workflows", {"workflows": TRADE}, expect=200)
    assert (again["changed"], again["buildId"]) == (False, answer["buildId"])
    assert "already" in again["message"]


def test_of_several_workflows_none_is_stored_where_one_does_not_load(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id, "work", work("A"))
    before = stored(service, project_id)
    body = {"workflows": [{"name": "greeting", **greeting("A")}, {"name": "work", **BROKEN}]}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows", body, 422, "work.workflow, line 2")
    assert [problem["module"] for problem in answer["problems"]] == ["work.workflow"]
    assert stored(service, project_id) == before


def test_a_dry_run_of_several_workflows_stores_nothing(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    before = stored(service, project_id)
    answer = api.put(f"/projects/{project_id}/workflows?dryRun=1", {"workflows": TRADE}, expect=200)
    assert (answer["dryRun"], len(answer["workflows"])) == (True, 2)
    assert stored(service, project_id) == before


def test_a_first_publish_cannot_be_a_ramp_since_other_runs_would_have_no_build(
    api: Api, service: Service, project_id: str
) -> None:
    api.put(f"/projects/{project_id}")
    before = stored(service, project_id)
    answer = refused(api, "PUT", _path(project_id), {**work("A"), "ramp": 50}, 409, "no current build")
    assert answer["code"] == "nothing_to_ramp_from"
    assert stored(service, project_id) == before


BAD_RAMPS: list[Any] = [
    0,
    100,
    -1,
    "x",
    "50",
    True,
    [],
    {},
    {"percent": 0},
    {"percent": True},
    {"percent": "50"},
    {"percent": 50, "failureThreshold": -0.1},
    {"percent": 50, "failureThreshold": 1.1},
    {"percent": 50, "failureThreshold": True},
    {"percent": 50, "minimumRuns": 0},
    {"percent": 50, "minimumRuns": 1.5},
    {"percent": 50, "minimumRuns": True},
    {"percent": 50, "share": 1},
]

BAD_SMOKES: list[Any] = [
    {},
    "Work",
    True,
    {"workflowType": ""},
    {"workflowType": 7},
    {"args": ["x"]},
    {"workflowType": "Work", "args": "x"},
    {"workflowType": "Work", "retries": 3},
    {"workflowType": "Work", "timeoutSeconds": 0},
    {"workflowType": "Work", "timeoutSeconds": -1},
    {"workflowType": "Work", "timeoutSeconds": 281},
    {"workflowType": "Work", "timeoutSeconds": "soon"},
    {"workflowType": "Work", "timeoutSeconds": True},
]

BAD_LISTS: list[tuple[Any, str]] = [
    ([], "workflows"),
    (None, "workflows is required"),
    ("work", "workflows"),
    ([{"name": "work", **work("B")}, {"name": "work", **work("C")}], "name a workflow twice"),
    ([{"name": "../x", **work("B")}], "must begin with a letter or digit"),
    ([work("B")], "workflows.0.name is required"),
    ([{"name": "work", "version": "B"}], "workflows.0 must have workflowCode, or a drawing as source"),
    ([{"name": "work", **work("B"), "ramp": 5}], "workflows.0.ramp is not a known field"),
]


@pytest.fixture
def before(api: Api, service: Service, project_id: str) -> list[Any]:
    """A project whose worker need not run, and what is stored of it."""
    api.deploy(project_id, "work", work("A"), start=False)
    return published(service, project_id)


def test_a_ramp_that_is_none_is_refused(api: Api, service: Service, project_id: str, before: list[Any]) -> None:
    for ramp in BAD_RAMPS:
        body = {**work("B"), "ramp": ramp}
        assert refused(api, "PUT", _path(project_id), body, 400, "ramp")["code"] == "invalid_request", ramp
    assert published(service, project_id) == before


def test_a_smoke_run_that_is_none_is_refused(api: Api, service: Service, project_id: str, before: list[Any]) -> None:
    for smoke in BAD_SMOKES:
        body = {**work("B"), "smoke": smoke}
        assert refused(api, "PUT", _path(project_id), body, 400, "smoke")["code"] == "invalid_request", smoke
    assert published(service, project_id) == before


def test_a_number_that_is_none_in_json_is_refused_wherever_it_stands(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    nan = float("nan")
    for field in (
        {"ramp": nan},
        {"ramp": {"percent": 50, "failureThreshold": nan}},
        {"smoke": {"workflowType": "Work", "timeoutSeconds": nan}},
    ):
        answer = refused(api, "PUT", _path(project_id), {**work("B"), **field}, 400, "NaN")
        assert answer["code"] == "invalid_request", field
    assert published(service, project_id) == before


def test_a_dry_run_is_true_or_false_and_executes_nothing(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    refused(api, "PUT", f"{_path(project_id)}?dryRun=maybe", work("B"), 400, "dryRun must be true or false")
    body = {**work("B"), "smoke": {"workflowType": "Work"}}
    refused(api, "PUT", f"{_path(project_id)}?dryRun=true", body, 400, "dry run", "smoke")
    assert published(service, project_id) == before
    assert api.put(f"{_path(project_id)}?dryRun=false", work("B"), expect=200)["changed"] is True
    assert published(service, project_id) != before


def test_a_list_of_workflows_that_is_none_is_refused(
    api: Api, service: Service, project_id: str, before: list[Any]
) -> None:
    for workflows, sentence in BAD_LISTS:
        refused(api, "PUT", f"/projects/{project_id}/workflows", {"workflows": workflows}, 400, sentence)
    assert published(service, project_id) == before


def test_a_publish_is_live_when_it_is_answered(api: Api, project_id: str) -> None:
    api.deploy(project_id, "work", work("A"))
    for mark in ("B", "C"):
        build_id = publish(api, project_id, mark)["buildId"]
        assert api.get(f"/workers/status/{project_id}")["buildId"] == build_id
        outcome = api.outcome(project_id, api.begin(project_id, "Work"))
        assert (outcome["result"], outcome["buildId"]) == (mark, build_id)
