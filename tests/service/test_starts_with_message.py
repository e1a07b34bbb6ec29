"""A start sends a signal or an update along: to the run of that id, or to one that begins with it."""

from typing import Any

import pytest

from support.basket import BASKET
from support.refusals import refused
from workerhost.testing import Api

FIRST_LOOK = """
from temporalio import workflow


@workflow.defn
class FirstLook:
    def __init__(self) -> None:
        self.words: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        return self.words

    @workflow.signal
    def say(self, word: str) -> None:
        self.words.append(word)
"""


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.deploy(project_id, "look", {"version": "1", "workflowCode": FIRST_LOOK}, start=False)
    api.deploy(project_id, "basket", {"version": "1", "workflowCode": BASKET})
    return project_id


def start(api: Api, project: str, workflow_type: str, workflow_id: str, **more: Any) -> Any:
    body = {"workflowType": workflow_type, "workflowId": workflow_id, **more}
    return api.post(f"/projects/{project}/executions", body, expect=202)


def test_the_first_task_of_a_run_has_the_signal_that_came_with_its_start(api: Api, project: str) -> None:
    one = f"{project}-one"
    begun = start(api, project, "FirstLook", one, signal={"name": "say", "args": ["hello"]})
    found = api.outcome(project, one)
    assert (found["runId"], found["result"]) == (begun["runId"], ["hello"])
    again = start(api, project, "FirstLook", one, signal={"name": "say", "args": ["again"]})
    assert again["runId"] != begun["runId"], "the first one has ended"
    assert api.outcome(project, one)["result"] == ["again"]


def test_a_run_that_is_open_gets_the_signal_unless_the_call_says_otherwise(api: Api, project: str) -> None:
    one, close = f"{project}-one", {"name": "close"}
    first = start(api, project, "Basket", one)
    body = {"workflowType": "Basket", "workflowId": one, "signal": close, "ifExists": "fail"}
    answer = refused(api, "POST", f"/projects/{project}/executions", body, 409, "is running")
    assert answer["code"] == "execution_running"
    second = start(api, project, "Basket", one, signal=close, ifExists="terminate")
    assert second["runId"] != first["runId"]
    assert api.outcome(project, one)["status"] == "COMPLETED"
    third = start(api, project, "Basket", one)
    assert start(api, project, "Basket", one, signal=close) == third
    assert api.outcome(project, one)["status"] == "COMPLETED"


def test_an_update_comes_with_a_start_and_its_result_with_the_answer(api: Api, project: str) -> None:
    one = f"{project}-one"
    update = {"name": "add", "args": ["apple"], "updateId": "first"}
    begun = start(api, project, "Basket", one, update=update)
    assert begun["update"] == {"updateId": "first", "status": "completed", "result": 1}
    assert start(api, project, "Basket", one, update=update) == begun
    more = start(api, project, "Basket", one, update={"name": "add", "args": ["pear"]})
    assert (more["runId"], more["update"]["result"]) == (begun["runId"], 2)
    slow = start(api, project, "Basket", one, update={"name": "slow", "wait": "accepted"})
    assert slow["update"]["status"] == "accepted"
    api.post(f"/projects/{project}/executions/{one}/terminate")


@pytest.mark.parametrize("is_open", [False, True])
def test_an_update_that_the_code_refuses_is_said_so(api: Api, project: str, is_open: bool) -> None:
    one = f"{project}-one"
    if is_open:
        start(api, project, "Basket", one)
    path = f"/projects/{project}/executions"
    for name, args, status, part in (("add", [""], 422, "an item has a name"), ("none", [], 404, "none")):
        body = {"workflowType": "Basket", "workflowId": one, "update": {"name": name, "args": args}}
        refused(api, "POST", path, body, status, part)
        assert api.get(f"{path}/{one}")["status"] == "RUNNING"
    api.post(f"{path}/{one}/terminate")


def test_a_run_of_another_project_gets_nothing(api: Api, project: str) -> None:
    taken, other = f"{project}-taken", f"{project}-other"
    start(api, project, "Basket", taken)
    api.deploy(other, "basket", {"version": "1", "workflowCode": BASKET})
    for message in ({"signal": {"name": "close"}}, {"update": {"name": "add", "args": ["apple"]}}):
        for if_exists in ("use", "terminate", "fail"):
            body = {"workflowType": "Basket", "workflowId": taken, "ifExists": if_exists, **message}
            answer = refused(api, "POST", f"/projects/{other}/executions", body, 409, "is running")
            assert answer["code"] == "execution_running"
    assert api.post(f"/projects/{project}/executions/{taken}/query", {"name": "count", "args": [""]}) == {"result": 0}
    api.post(f"/projects/{project}/executions/{taken}/terminate")


def test_what_does_not_fit_is_refused_before_anything_starts(api: Api, project: str) -> None:
    path, one = f"/projects/{project}/executions", f"{project}-one"
    body = {"workflowType": "Basket", "workflowId": one, "signal": {"name": "close"}}
    refused(api, "POST", path, {**body, "update": {"name": "add"}}, 400, "signal and update")
    refused(api, "POST", path, {**body, "signal": {}}, 400, "signal.name is required")
    refused(api, "POST", path, {**body, "workflowType": "Nothing"}, 404, "has no workflow type")
    api.post("/workers/stop", {"projectId": project})
    body = {"workflowType": "Basket", "workflowId": one, "update": {"name": "add", "args": ["x"]}}
    assert refused(api, "POST", path, body, 409, "is stopped")["code"] == "no_worker"
    refused(api, "GET", f"{path}/{one}", None, 404, "has no execution")
