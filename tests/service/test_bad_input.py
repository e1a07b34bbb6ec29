"""Bad input gets a sentence, the right status, and leaves everything stored as it was."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.refusals import dump, refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, unique_id

SYNTAX = "x = (\n"
OTHER = ECHO.replace("class Echo", "class Other")
SECOND_ECHO = ECHO.replace("class Echo", "class Other").replace("@workflow.defn", '@workflow.defn(name="Echo")')


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "projectId is required"),
        ("", "projectId is required"),
        ("x" * 129, "projectId must begin with a letter or digit"),
        ("../etc/passwd", "projectId must begin with a letter or digit"),
        ("-dash", "projectId must begin with a letter or digit"),
        ("line\n", "projectId must begin with a letter or digit"),
        (7, "projectId"),
        (["x"], "projectId"),
    ],
)
@pytest.mark.parametrize("path", ["/workers/start", "/workers/stop", "/workers/restart"])
def test_a_bad_id_in_a_body(api: Api, path: str, value: Any, sentence: str) -> None:
    refused(api, "POST", path, {"projectId": value}, 400, sentence)


def test_a_missing_id(api: Api) -> None:
    assert refused(api, "POST", "/workers/start", {}, 400)["error"] == "projectId is required"
    assert refused(api, "POST", "/workflows/reload", {}, 400)["error"] == "workflowId is required"


def test_a_bad_id_in_a_path(api: Api, service: Service) -> None:
    before = dump(service)
    for path in ("/projects/bad%20id", f"/projects/{'x' * 129}", "/projects/..%2Fetc", "/projects/-x"):
        answer = api.client.put(path, json={})
        assert answer.status_code in (400, 404)
        assert answer.get_json()["success"] is False
    refused(api, "GET", "/workers/status/bad%20id", None, 400, "projectId must begin")
    refused(api, "PUT", "/projects/p/workflows/bad%20name", {}, 400, "name must begin")
    assert dump(service) == before


def test_an_unknown_project(api: Api) -> None:
    body = {"projectId": "nobody"}
    for path in ("/workers/start", "/workers/stop", "/workers/restart"):
        assert refused(api, "POST", path, body, 404, "project nobody does not exist")["code"] == "project_not_found"
    for path in ("/workers/status/nobody", "/projects/nobody", "/projects/nobody/workflows"):
        refused(api, "GET", path, None, 404, "nobody")
    refused(api, "GET", "/projects/nobody/executions", None, 404, "nobody")
    refused(api, "DELETE", "/projects/nobody", None, 404, "nobody")
    refused(api, "PUT", "/projects/nobody/workflows/echo", {"version": "1", "workflowCode": ECHO}, 404, "nobody")
    refused(api, "POST", "/projects/nobody/executions", {"workflowType": "Echo"}, 404, "nobody")
    refused(api, "POST", "/workflows/reload", {"workflowId": "nobody/echo"}, 404, "nobody/echo")


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[1]", "application/json", 400),
        ('"text"', "application/json", 400),
        ("null", "application/json", 400),
        ("", "application/json", 400),
        ("\xff", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('{"projectId": "x"}', "text/plain", 415),
        ("projectId=x", "application/x-www-form-urlencoded", 415),
        ('{"projectId": "' + "x" * (4 * 1024 * 1024) + '"}', "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object(api: Api, data: str, content_type: str, status: int) -> None:
    answer = api.client.post("/workers/start", data=data.encode("latin-1"), content_type=content_type)
    assert answer.status_code == status
    values = answer.get_json()
    assert set(values) == {"success", "error", "code"}
    assert values["success"] is False


def test_an_unknown_path_and_a_wrong_method_are_answered_like_any_error(api: Api) -> None:
    refused(api, "GET", "/nowhere", None, 404)
    refused(api, "DELETE", "/workers/start", None, 405)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("settings", {"maxConcurrentActivities": 0}),
        ("settings", {"maxConcurrentActivities": "many"}),
        ("settings", {"maxConcurentActivities": 3}),
        ("settings", [1]),
        ("name", 3),
        ("taskQueue", ""),
        ("colour", "red"),
    ],
)
def test_a_field_that_does_not_fit_is_named(api: Api, service: Service, field: str, value: Any) -> None:
    before = dump(service)
    refused(api, "PUT", f"/projects/{unique_id('p')}", {field: value}, 400, field)
    assert dump(service) == before


def test_a_task_queue_that_another_project_has(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    queue = f"{project_id}-queue"
    refused(api, "PUT", f"/projects/{unique_id('p')}", {"taskQueue": queue}, 409, queue)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        (SYNTAX, ["bad.workflow, line 1", "SyntaxError"]),
        ("import nowhere", ["bad.workflow, line 1", "No module named 'nowhere'"]),
        ("from .activities import missing", ["bad.workflow, line 1"]),
        ("x = 1", ["bad.workflow", "defines no workflow"]),
        ("def f():\n    1 / 0\n\nf()", ["bad.workflow, line 2", "division by zero"]),
        ("import sys\nsys.exit(3)", ["bad.workflow, line 2", "ends the interpreter"]),
        ("import os\nos._exit(3)", ["ended the Python process"]),
        ("x = 'a' * 10**11", ["bad.workflow, line 1", "MemoryError"]),
        (OTHER + "\nimport random\n\nx = random.random()\n", ["bad.workflow, line 13", "random.random"]),
        (SECOND_ECHO, ["workflow Echo is defined twice", "bad.workflow", "echo.workflow"]),
    ],
)
def test_code_that_does_not_load_is_refused_with_its_place(
    api: Api, service: Service, project_id: str, code: str, parts: list[str]
) -> None:
    api.deploy(project_id)
    before = dump(service)
    body = {"version": "1", "workflowCode": code}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows/bad", body, 422, *parts)
    assert answer["problems"][0]["reason"]
    assert dump(service) == before
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_a_double_activity_names_both_places(api: Api, project_id: str) -> None:
    activity = "from temporalio import activity\n\n\n@activity.defn\ndef send() -> None: ...\n"
    api.deploy(project_id, body={"version": "1", "workflowCode": ECHO, "activitiesCode": activity}, start=False)
    other = ECHO.replace("class Echo", "class Other")
    body = {"version": "1", "workflowCode": other, "activitiesCode": activity}
    sentence = "activity send is defined twice"
    refused(api, "PUT", f"/projects/{project_id}/workflows/x", body, 422, sentence, "echo.activities", "x.activities")


def test_two_names_of_one_package(api: Api, project_id: str) -> None:
    api.deploy(project_id, "a-b", start=False)
    body = {"version": "1", "workflowCode": ECHO.replace("class Echo", "class Other")}
    refused(api, "PUT", f"/projects/{project_id}/workflows/a_b", body, 422, "a-b", "a_b")


def test_an_endless_loop_at_import_is_refused_in_time_and_the_host_goes_on(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)
    before = dump(service)
    path = f"/projects/{project_id}/workflows/bad"
    body = {"version": "1", "workflowCode": "while True: pass"}
    with ThreadPoolExecutor(1) as executor:
        publishing = executor.submit(api.call, "PUT", path, body, 422)
        assert api.run(project_id, "Echo", "meanwhile") == "echo: meanwhile"
        assert not publishing.done()
        assert "did not end within 5 s" in publishing.result()["error"]
    assert dump(service) == before


def test_an_unknown_workflow_type_is_answered_at_once_with_the_known_ones(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    path = f"/projects/{project_id}/executions"
    answer = refused(api, "POST", path, {"workflowType": "Nothing"}, 404, "no workflow type Nothing", "Echo")
    assert answer["code"] == "workflow_type_not_found"


def test_a_project_without_workflows_cannot_be_started(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    before = dump(service)
    answer = refused(api, "POST", "/workers/start", {"projectId": project_id}, 409, "has no workflows")
    assert answer["code"] == "no_workflows"
    assert dump(service) == before


def test_the_same_publish_twice_stores_nothing_new(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    body = {"version": "1", "workflowCode": ECHO}
    first = api.put(f"/projects/{project_id}/workflows/echo", body, expect=200)
    before = dump(service)
    assert api.put(f"/projects/{project_id}/workflows/echo", body, expect=200) == first
    assert dump(service) == before


def test_a_version_that_exists_with_other_code(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    before = dump(service)
    body = {"version": "1", "workflowCode": ECHO.replace("echo:", "other:")}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows/echo", body, 409, "version 1")
    assert answer["code"] == "version_exists"
    assert dump(service) == before


@pytest.mark.parametrize("query", ["cursor=nonsense!", "cursor=bm90LWEtdG9rZW4=", "limit=-1", "limit=x", "limit=1e9"])
def test_a_bad_page(api: Api, project_id: str, query: str) -> None:
    api.put(f"/projects/{project_id}")
    refused(api, "GET", f"/projects/{project_id}/executions?{query}", None, 400, query.partition("=")[0])


def test_bad_numbers_in_queries(api: Api, project_id: str) -> None:
    api.deploy(project_id, start=False)
    for value in ("-1", "soon", "nan", "inf"):
        body = {"projectId": project_id}
        refused(api, "POST", f"/workers/start?timeout={value}", body, 400, "timeout must be a number")
        refused(api, "GET", f"/projects/{project_id}/executions/x?wait={value}", None, 400, "wait must be a number")


def test_an_execution_that_does_not_exist(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    path = f"/projects/{project_id}/executions/nothing"
    refused(api, "GET", path, None, 404, "nothing")
    for action, body in (("cancel", {}), ("terminate", {}), ("signal", {"name": "x"})):
        assert refused(api, "POST", f"{path}/{action}", body, 404)["code"] == "execution_not_found"


def test_a_hundred_starts_at_once_make_one_worker(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, start=False)
    with ThreadPoolExecutor(20) as executor:
        calls = [executor.submit(api.post, "/workers/start", {"projectId": project_id}, 200) for _ in range(100)]
        assert all(call.result()["success"] for call in calls)
    assert [thread.name for thread in threading.enumerate()].count(f"project-{project_id}") == 1


def test_a_storm_of_starts_and_stops_settles_to_the_last_word(api: Api, project_id: str) -> None:
    api.deploy(project_id, start=False)

    def storm(number: int) -> None:
        api.post(f"/workers/{'start' if number % 2 else 'stop'}", {"projectId": project_id})

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(storm, range(60)))
    api.post("/workers/stop", {"projectId": project_id}, expect=200)
    assert api.get("/workers") == {"workers": [], "count": 0}
    api.post("/workers/start", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Echo", "hello") == "echo: hello"
