"""Executions at their edges: pages, queues, results and ids that are not the usual ones."""

import base64
import json
from typing import Any

import pytest

from support import greeting
from support.refusals import refused
from workerhost.runtime.executions.listing import pages as execution_pages
from workerhost.testing import ECHO, Api, eventually, unique_id

RETURNING = """
from temporalio import workflow


@workflow.defn
class Returning:
    @workflow.run
    async def run(self, what: str) -> object:
        values = {
            "nothing": None,
            "not a number": float("nan"),
            "infinite": [float("inf")],
            "bytes": b"\\x00\\xff",
            "text": "Grüße 🐍",
        }
        return values[what]
"""


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def test_every_execution_is_on_one_page_exactly_and_the_last_page_has_no_cursor(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    begun = {api.begin(project_id, "Echo", str(number)) for number in range(12)}
    path = f"/projects/{project_id}/executions"
    eventually(lambda: len(api.get(path)["executions"]) == 12)
    for limit in (1, 5, 12, 1000):
        found: list[str] = []
        cursor: Any = ""
        while cursor is not None:
            page = api.get(f"{path}?limit={limit}&cursor={cursor}")
            assert 0 < len(page["executions"]) <= limit
            found += [execution["workflowId"] for execution in page["executions"]]
            cursor = page["cursor"]
        assert len(found) == 12
        assert set(found) == begun


def test_a_listed_execution_has_the_fields_of_one_that_is_asked_for(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    workflow_id = api.begin(project_id, "Echo", "hello")
    shown = api.outcome(project_id, workflow_id)
    path = f"/projects/{project_id}/executions"
    eventually(lambda: [each["status"] for each in api.get(path)["executions"]] == ["COMPLETED"])
    [listed] = api.get(path)["executions"]
    for key in ("workflowId", "runId", "workflowType", "status", "startedAt", "closedAt"):
        assert listed[key] == shown[key]


def test_a_project_without_executions_has_one_empty_page(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    assert api.get(f"/projects/{project_id}/executions") == {"executions": [], "cursor": None}


@pytest.mark.parametrize(
    "cursor",
    [
        _cursor([]),
        _cursor({}),
        _cursor("text"),
        _cursor([None, None]),
        _cursor(["2026-01-01T00:00:00+00:00", "x"]),
        base64.urlsafe_b64encode(b"[" * 2_900).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "a",
        "ü",
    ],
)
def test_a_cursor_that_is_not_ours_is_a_bad_request(api: Api, project_id: str, cursor: str) -> None:
    api.put(f"/projects/{project_id}")
    path = f"/projects/{project_id}/executions"
    answer = api.client.get(path, query_string={"cursor": cursor})
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.get_json()["error"].startswith("cursor is not valid")


@pytest.mark.parametrize(
    "position",
    [
        None,
        [],
        ["x"],
        [None, None],
        ["yesterday", "x"],
        ["0001-01-01T00:00:00+14:00", "x"],
        ["9999-12-31T23:59:59-14:00", "x"],
    ],
)
def test_a_cursor_of_the_list_whose_place_is_none_is_a_bad_request(api: Api, project_id: str, position: Any) -> None:
    api.put(f"/projects/{project_id}")
    cursor = _cursor([["executions", project_id], position])
    answer = api.client.get(f"/projects/{project_id}/executions", query_string={"cursor": cursor})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"])
def test_a_cursor_at_the_end_of_time_is_that_of_an_empty_page(api: Api, project_id: str, start: str) -> None:
    api.put(f"/projects/{project_id}")
    answer = api.client.get(
        f"/projects/{project_id}/executions",
        query_string={"cursor": _cursor([["executions", project_id], [start, "x"]])},
    )
    assert answer.get_json() == {"executions": [], "cursor": None}


@pytest.mark.parametrize("queue", ['a" OR TaskQueue = "b', "it's", "back`tick", "back\\slash"])
def test_a_task_queue_with_quotes_is_refused(api: Api, project_id: str, queue: str) -> None:
    answer = api.put(f"/projects/{project_id}", {"taskQueue": queue}, expect=400)
    assert "taskQueue" in answer["error"]
    api.get(f"/projects/{project_id}", expect=404)


@pytest.mark.parametrize(("what", "result"), [("nothing", None), ("text", "Grüße 🐍"), ("bytes", "AP8=")])
def test_a_result_is_shown_as_json(api: Api, project_id: str, what: str, result: Any) -> None:
    api.deploy(project_id, "returning", {"version": "1", "workflowCode": RETURNING})
    execution = api.outcome(project_id, api.begin(project_id, "Returning", what))
    assert execution["status"] == "COMPLETED"
    assert execution["result"] == result


@pytest.mark.parametrize("what", ["not a number", "infinite"])
def test_a_result_that_json_has_no_word_for_still_makes_an_answer_that_is_json(
    api: Api, project_id: str, what: str
) -> None:
    api.deploy(project_id, "returning", {"version": "1", "workflowCode": RETURNING})
    workflow_id = api.begin(project_id, "Returning", what)
    text = api.client.get(f"/projects/{project_id}/executions/{workflow_id}?wait=20").get_data(as_text=True)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON: {text}")

    assert json.loads(text, parse_constant=refuse)["status"] == "COMPLETED"


def test_a_wait_that_ends_first_shows_a_running_execution(api: Api, project_id: str) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    workflow_id = api.begin(project_id, "Greeting", "you")
    path = f"/projects/{project_id}/executions/{workflow_id}"
    execution = api.get(f"{path}?wait=0.2")
    assert execution["status"] == "RUNNING"
    assert execution["closedAt"] is None
    assert "result" not in execution
    api.post(f"{path}/terminate", {"reason": "the test is over"})
    assert "the test is over" in api.get(f"{path}?wait=20")["error"]


def test_an_execution_of_a_stopped_project_waits_for_its_start(api: Api, project_id: str) -> None:
    api.deploy(project_id, start=False)
    workflow_id = api.begin(project_id, "Echo", "hello")
    path = f"/projects/{project_id}/executions/{workflow_id}"
    assert api.get(path)["status"] == "RUNNING"
    api.post("/workers/start", {"projectId": project_id})
    assert api.get(f"{path}?wait=20")["result"] == "echo: hello"


def test_an_id_may_be_used_again_after_its_end_and_shows_the_latest_run(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    path = f"/projects/{project_id}/executions"
    for text in ("first", "second"):
        body = {"workflowType": "Echo", "args": [text], "workflowId": project_id}
        run_id = api.post(path, body, expect=202)["runId"]
        execution = api.outcome(project_id, project_id)
        assert (execution["runId"], execution["result"]) == (run_id, f"echo: {text}")


def test_cancel_and_terminate_need_no_body(api: Api, project_id: str) -> None:
    api.deploy(project_id, "greeting", greeting("A"))
    for action, status in (("cancel", "CANCELED"), ("terminate", "TERMINATED")):
        workflow_id = api.begin(project_id, "Greeting", "you")
        answer = api.client.post(f"/projects/{project_id}/executions/{workflow_id}/{action}")
        assert answer.status_code == 202
        assert api.outcome(project_id, workflow_id)["status"] == status


def test_a_closed_execution_takes_no_signal(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    workflow_id = api.begin(project_id, "Echo", "hello")
    assert api.outcome(project_id, workflow_id)["status"] == "COMPLETED"
    path = f"/projects/{project_id}/executions/{workflow_id}/signal"
    assert refused(api, "POST", path, {"name": "say"}, 409, "COMPLETED")["code"] == "execution_closed"


def test_a_project_whose_last_workflow_is_deleted_has_none_to_run(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.delete(f"/projects/{project_id}/workflows/echo")
    path = f"/projects/{project_id}/executions"
    assert refused(api, "POST", path, {"workflowType": "Echo"}, 409)["code"] == "no_workflows"
    api.put(f"/projects/{project_id}/workflows/echo", {"version": "1", "workflowCode": ECHO})
    assert api.run(project_id, "Echo", "again") == "echo: again"


@pytest.mark.parametrize("most_sorted", [1000, 2])
def test_executions_are_listed_page_by_page(
    api: Api, project_id: str, monkeypatch: pytest.MonkeyPatch, most_sorted: int
) -> None:
    # With few that are read at once, windows of start times are looked for, as with very many executions.
    monkeypatch.setattr(execution_pages, "MOST_SORTED", most_sorted)
    api.deploy(project_id)
    api.put(f"/projects/{project_id}/workflows/greeting", greeting("A"))
    begun = [api.begin(project_id, kind, "x") for kind in ("Greeting", "Echo", "Greeting", "Echo", "Echo")]
    path = f"/projects/{project_id}/executions"
    eventually(lambda: len(api.get(path)["executions"]) == 5)
    found: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        page = api.get(f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["executions"]) <= 2
        found += [execution["workflowId"] for execution in page["executions"]]
        cursor = page["cursor"]
    assert found == begun[::-1], "newest first, whether they are open or closed"


def test_an_execution_of_another_project_is_not_found(api: Api, project_id: str) -> None:
    other = unique_id("other")
    for each in (project_id, other):
        api.deploy(each)
    workflow_id = api.begin(project_id, "Echo", "hello")
    api.get(f"/projects/{other}/executions/{workflow_id}", expect=404)
