"""Queries and updates over the API: what a run answers, refuses and fails at, and what is said where nobody answers."""

import time

import pytest

from support.basket import BASKET
from support.refusals import refused
from workerhost.testing import ECHO, Api, eventually


@pytest.fixture
def run(api: Api, project_id: str) -> str:
    """The path of a basket that is open."""
    api.deploy(project_id, "basket", {"version": "1", "workflowCode": BASKET})
    workflow_id = api.begin(project_id, "Basket")
    path = f"/projects/{project_id}/executions/{workflow_id}"
    eventually(lambda: api.get(path)["buildId"])
    return path


def test_a_run_takes_updates_and_answers_queries_also_when_it_has_ended(api: Api, run: str) -> None:
    first = api.post(f"{run}/update", {"name": "add", "args": ["apple"], "updateId": "one"})
    assert first == {"updateId": "one", "status": "completed", "result": 1}
    assert api.post(f"{run}/update", {"name": "add", "args": ["pear"], "updateId": "one"}) == first
    again = api.post(f"{run}/update", {"name": "add", "args": ["pear"]})
    assert (again["status"], again["result"]) == ("completed", 2)
    assert again["updateId"]
    assert api.post(f"{run}/query", {"name": "count", "args": ["app"]}) == {"result": 1}
    accepted = api.post(f"{run}/update", {"name": "slow", "wait": "accepted"}, expect=200)
    assert accepted["status"] == "accepted"
    assert "result" not in accepted
    waited = api.post(f"{run}/update?timeout=0.2", {"name": "slow", "updateId": "two"}, expect=202)
    assert waited == {"updateId": "two", "status": "accepted"}
    api.post(f"{run}/signal", {"name": "close"})
    assert api.get(f"{run}?wait=20")["result"] == ["apple", "pear"]
    assert api.post(f"{run}/query", {"name": "count", "args": [""]}) == {"result": 2}
    assert refused(api, "POST", f"{run}/update", {"name": "add", "args": ["x"]}, 409)["code"] == "execution_closed"


def test_an_update_that_is_sent_again_after_the_end_of_its_run_is_answered_as_before(
    api: Api, run: str, project_id: str
) -> None:
    first = api.post(f"{run}/update", {"name": "add", "args": ["apple"], "updateId": "one"})
    refused(api, "POST", f"{run}/update", {"name": "add", "args": ["stone"], "updateId": "two"}, 422, "too heavy")
    refused(api, "POST", f"{run}/update", {"name": "add", "args": [""], "updateId": "four"}, 422, "has a name")
    api.post(f"{run}/update", {"name": "slow", "wait": "accepted", "updateId": "three"}, expect=200)
    api.post(f"{run}/terminate")
    eventually(lambda: api.get(run)["status"] == "TERMINATED")
    api.post("/workers/stop", {"projectId": project_id})
    for query in ("", "?unchecked=true"):
        again = api.post(f"{run}/update{query}", {"name": "add", "args": ["pear"], "updateId": "one"}, expect=200)
        assert again == first
    cut_off = refused(api, "POST", f"{run}/update", {"name": "slow", "updateId": "three"}, 422, "slow", "completed")
    assert cut_off["code"] == "update_refused"
    refused(api, "POST", f"{run}/update", {"name": "add", "args": ["pear"], "updateId": "two"}, 422, "too heavy")
    for unknown in ("four", "five"):  # what a validator refuses leaves nothing in the history
        body = {"name": "add", "args": ["pear"], "updateId": unknown}
        assert refused(api, "POST", f"{run}/update", body, 409, "TERMINATED")["code"] == "execution_closed"


def test_what_the_code_refuses_or_fails_at_has_its_sentence(api: Api, run: str) -> None:
    for item, part in (("", "an item has a name"), ("stone", "too heavy")):
        answer = refused(api, "POST", f"{run}/update", {"name": "add", "args": [item]}, 422, part)
        assert answer["code"] == "update_refused"
    answer = refused(api, "POST", f"{run}/query", {"name": "broken"}, 422, "no such thing")
    assert answer["code"] == "query_failed"
    api.post(f"{run}/terminate")


def test_a_name_that_the_code_does_not_have_is_not_found(api: Api, run: str) -> None:
    answer = refused(api, "POST", f"{run}/query", {"name": "weight"}, 404, "weight", "count")
    assert answer["code"] == "query_not_found"
    answer = refused(api, "POST", f"{run}/update", {"name": "drop"}, 404, "drop", "add")
    assert answer["code"] == "update_not_found"
    api.post(f"{run}/terminate")


def test_without_a_worker_it_is_said_at_once(api: Api, run: str, project_id: str) -> None:
    api.post("/workers/stop", {"projectId": project_id})
    began = time.monotonic()
    for part in ("query", "update"):
        answer = refused(api, "POST", f"{run}/{part}", {"name": "count"}, 409, "is stopped")
        assert answer["code"] == "no_worker"
    assert time.monotonic() - began < 5
    api.post(f"{run}/terminate")


def test_bodies_and_executions_that_are_not_there_are_refused(api: Api, run: str, project_id: str) -> None:
    other = f"{project_id}-other"
    api.deploy(other, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    for part in ("query", "update"):
        refused(api, "POST", f"{run}/{part}", {}, 400, "name is required")
        refused(api, "POST", f"{run}/{part}", {"name": "count", "colour": 1}, 400, "colour is not a known field")
        refused(api, "POST", f"{run.replace(project_id, other, 1)}/{part}", {"name": "count"}, 404, "has no execution")
    refused(api, "POST", f"{run}/update", {"name": "add", "wait": "begun"}, 400, "wait: Input should be 'accepted'")
    api.post(f"{run}/terminate")
