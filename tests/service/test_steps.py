"""The steps of a run, as they are seen while it goes on and afterwards, and its history."""

from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue

from support.questions import note_questions
from support.refusals import refused
from support.step_workflows import CODE
from workerhost.runtime.executions.history import reading
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually, unique_id


@pytest.fixture(scope="module")
def steps_project() -> str:
    return unique_id("steps")


@pytest.fixture
def project(api: Api, steps_project: str) -> str:
    """One project for all tests of the module."""
    api.deploy(steps_project, "steps", CODE)
    return steps_project


def path(project: str, run: str) -> str:
    return f"/projects/{project}/executions/{run}"


def steps_of(api: Api, project: str, run: str) -> dict[str, Any]:
    """Return the steps of a run by kind and name; of one that there are several of, the last."""
    found = api.get(f"{path(project, run)}/steps?limit=1000")
    assert found["cursor"] is None
    return {f"{each['kind']} {each['name']}": each for each in found["steps"]}


def test_a_run_shows_every_kind_of_step(api: Api, project: str) -> None:
    run = api.begin(project, "AllSteps", 4)
    eventually(lambda: steps_of(api, project, run).get("activity hang", {}).get("status") == "canceled")
    api.post(f"{path(project, run)}/signal", {"name": "go_on", "args": ["enough"]})
    assert api.outcome(project, run)["result"] == 8
    found = steps_of(api, project, run)

    double = found["activity double"]
    assert (double["input"], double["result"], double["attempt"]) == ([4], 8, 1)
    assert (double["label"], double["node"], double["status"]) == ("Double it", "double-1", "completed")
    assert double["scheduledAt"] <= double["startedAt"] <= double["closedAt"]
    retried = found["activity fail"]
    assert (retried["attempt"], retried["result"], retried["node"]) == (2, "at last", "own")
    assert retried["failure"]["message"] == "failed 1 times"
    local = found["localActivity double"]
    assert (local["result"], local["status"]) == (14, "completed")
    timer = next(each for name, each in found.items() if name == "timer timer")
    assert timer["status"] == "completed"
    child = found["childWorkflow Child"]
    assert (child["input"], child["result"], child["status"]) == (["all"], "child of all", "completed")
    assert api.get(path(project, child["workflowId"]))["runId"] == child["runId"]
    given_up = found["activity give_up"]
    assert given_up["status"] == "failed"
    failure = given_up["failure"]
    assert (failure["message"], failure["type"], failure["nonRetryable"]) == ("no use", "NoUse", True)
    assert "steps.activities, line" in failure["stackTrace"]
    assert found["activity hang"]["status"] == "canceled"
    signal = found["signal go_on"]
    assert (signal["input"], signal["status"]) == (["enough"], "completed")


def test_a_step_that_is_retried_says_when_and_why(api: Api, project: str) -> None:
    run = api.begin(project, "Retries")
    step = eventually(lambda: _with_status(api, project, run, "activity fail", "retrying"))
    assert step["attempt"] == 1
    assert step["failure"]["message"] == "failed 1 times"
    assert step["failure"]["type"] == "ValueError"
    assert step["nextAttemptAt"] > step["scheduledAt"]
    assert "closedAt" not in step
    api.post(f"{path(project, run)}/terminate")
    ended = steps_of(api, project, run)["activity fail"]
    assert ended["status"] == "canceled"
    assert "nextAttemptAt" not in ended


def _with_status(api: Api, project: str, run: str, step: str, status: str) -> Any:
    found = steps_of(api, project, run).get(step)
    return found if found and found["status"] == status else None


def test_an_execution_says_what_it_was_given_and_why_it_failed(api: Api, project: str) -> None:
    run = api.begin(project, "Fails")
    found = api.outcome(project, run)
    assert (found["input"], found["memo"], found["searchAttributes"], found["parent"]) == ([], {}, {}, None)
    assert found["historyLength"] > 5
    failure = found["failure"]
    [step] = api.get(f"{path(project, run)}/steps")["steps"]
    assert (failure["activity"], failure["step"]) == ("give_up", step["id"])
    assert (failure["cause"]["type"], failure["cause"]["message"]) == ("NoUse", "no use")
    shown = api.get(f"/projects/{project}/executions?limit=1")["executions"][0]
    assert "input" not in shown

    all_steps = api.begin(project, "AllSteps", 1)
    child = eventually(lambda: steps_of(api, project, all_steps).get("childWorkflow Child"))
    parent = eventually(lambda: api.get(path(project, child["workflowId"]))["parent"])
    assert parent["workflowId"] == all_steps
    api.post(f"{path(project, all_steps)}/terminate")


def test_steps_of_a_child_are_not_named_as_those_of_its_parent(api: Api, project: str) -> None:
    run = api.begin(project, "FailsInChild")
    failure = api.outcome(project, run)["failure"]
    [child] = api.get(f"{path(project, run)}/steps")["steps"]
    for found in (failure["cause"], child["failure"]):
        assert (found["type"], found["activity"]) == ("ActivityFailed", "give_up")
        assert "step" not in found


def test_what_cannot_be_read_is_a_sentence(api: Api, project: str, service: Service) -> None:
    strange = Payload(metadata={"encoding": b"strange"}, data=b"x")

    async def begin(client: Client) -> str:
        queue, memo = f"{project}-queue", {"note": RawValue(strange)}
        handle = await client.start_workflow("Waits", id=unique_id("strange"), task_queue=queue, memo=memo)
        await handle.signal("strange", RawValue(strange))
        return handle.id

    run = service.temporal.call(begin)
    found = api.get(path(project, run))
    assert "the value cannot be shown" in found["memo"]["note"]
    steps = eventually(lambda: [each for each in steps_of(api, project, run).values() if each["kind"] == "signal"])
    assert "the value cannot be shown" in steps[0]["input"][0]
    again = api.post(f"{path(project, run)}/retry", {"workflowId": f"{run}-again"}, expect=202)["workflowId"]
    for each in (run, again):
        api.post(f"{path(project, each)}/terminate")


def test_long_values_are_cut_and_one_step_is_whole(api: Api, project: str) -> None:
    run = api.begin(project, "Large", 100_000)
    assert api.outcome(project, run)["result"] == 100_000
    [step] = api.get(f"{path(project, run)}/steps")["steps"]
    assert (step["result"]["cut"], step["result"]["bytes"]) == (True, 100_002)
    assert step["result"]["beginsWith"] == '"' + "x" * 999
    assert api.get(f"{path(project, run)}/steps/{step['id']}")["result"] == "x" * 100_000


def test_steps_and_history_come_in_pages(api: Api, project: str) -> None:
    run = api.begin(project, "Many", 7)
    api.outcome(project, run)
    whole = api.get(f"{path(project, run)}/steps")["steps"]
    assert [each["result"] for each in whole] == [0, 2, 4, 6, 8, 10, 12]
    for part, key in (("steps", "steps"), ("history", "events")):
        everything = api.get(f"{path(project, run)}/{part}?limit=1000")[key]
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = api.get(f"{path(project, run)}/{part}?limit=3{f'&cursor={cursor}' if cursor else ''}")
            assert len(page[key]) == 3 or page["cursor"] is None
            found += page[key]
            cursor = page["cursor"]
        assert found == everything
    assert [each["eventId"] for each in everything] == [str(number + 1) for number in range(len(everything))]
    assert everything[0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"


def test_what_is_not_there_and_what_is_another_project_s_is_refused(api: Api, project: str, project_id: str) -> None:
    run = api.begin(project, "Waits")
    [timer] = eventually(lambda: api.get(f"{path(project, run)}/steps")["steps"])
    assert (timer["kind"], timer["status"], timer["input"]) == ("timer", "running", [3_600_000.0])
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    for part in ("steps", "history", f"steps/{timer['id']}"):
        refused(api, "GET", f"{path(project_id, run)}/{part}", None, 404, "has no execution")
        refused(api, "GET", f"{path('nobody', run)}/{part}", None, 404, "nobody")
    refused(api, "GET", f"{path(project, run)}/steps/999", None, 404, "has no step 999")
    refused(api, "GET", f"{path(project, run)}/steps/x", None, 400, "stepId")
    refused(api, "GET", f"{path(project, run)}/steps?cursor=x", None, 400, "cursor is not valid")
    other = api.begin(project, "Many", 3)
    api.outcome(project, other)
    cursor = api.get(f"{path(project, other)}/steps?limit=1")["cursor"]
    refused(api, "GET", f"{path(project, run)}/steps?cursor={cursor}", None, 400, "cursor is not valid here")
    refused(api, "GET", f"{path(project, run)}/history?cursor={cursor}", None, 400, "cursor is not valid here")
    api.post(f"{path(project, run)}/terminate")


def test_a_failure_says_which_try_it_was_of(api: Api, project: str) -> None:
    run = api.begin(project, "Fails")
    failure = api.outcome(project, run)["failure"]
    [step] = api.get(f"{path(project, run)}/steps")["steps"]
    assert (failure["attempt"], step["failure"]["attempt"]) == (1, 1)
    assert "attempt" not in failure["cause"]
    tried = api.begin(project, "Tries", 3)
    failure = api.outcome(project, tried)["failure"]
    [step] = api.get(f"{path(project, tried)}/steps")["steps"]
    assert (failure["activity"], failure["step"], failure["attempt"]) == ("fail", step["id"], 3)
    assert (step["attempt"], step["failure"]["attempt"]) == (3, 3)
    local = api.begin(project, "TriesHere", 2)
    assert api.outcome(project, local)["failure"]["message"] == "failed 2 times"
    [step] = api.get(f"{path(project, local)}/steps")["steps"]
    assert (step["attempt"], step["failure"]["attempt"]) == (2, 2)


def test_an_execution_that_does_not_go_on_has_the_failure_of_its_last_try(api: Api, project: str) -> None:
    run = api.begin(project, "Retries")
    step = eventually(lambda: _with_status(api, project, run, "activity fail", "retrying"))
    assert step["failure"]["attempt"] == 1
    found = api.get(path(project, run))
    assert (found["status"], found["stuck"]["code"]) == ("RUNNING", "activity_retries")
    failure = found["failure"]
    assert (failure["activity"], failure["step"], failure["attempt"]) == ("fail", step["id"], 1)
    assert (failure["type"], failure["message"]) == ("ValueError", "failed 1 times")
    assert "steps.activities, line" in failure["stackTrace"]
    api.post(f"{path(project, run)}/terminate")


def test_a_later_page_does_not_read_again_what_is_before_it(
    api: Api, project: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "EVENTS_OF_PAGE", 20)
    questions = note_questions(service, monkeypatch)
    run = api.begin(project, "Told")
    for number in range(40):
        api.post(f"{path(project, run)}/signal", {"name": "say", "args": [number]})
    eventually(lambda: len(api.get(f"{path(project, run)}/steps?limit=1000")["steps"]) == 40)
    eventually(
        lambda: not api.get(f"{path(project, run)}/history?limit=1000")["events"][-1]["eventType"].endswith("STARTED")
    )
    for part, key in (("steps", "steps"), ("history", "events")):
        everything = api.get(f"{path(project, run)}/{part}?limit=1000")[key]
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            questions.reset()
            page = api.get(f"{path(project, run)}/{part}?limit=10{f'&cursor={cursor}' if cursor else ''}")
            found += page[key]
            cursor = page["cursor"]
            assert len(questions.asked) < 6
        assert found == everything
    assert len(everything) > 40
    api.post(f"{path(project, run)}/signal", {"name": "say", "args": ["more"]})
    last = api.get(f"{path(project, run)}/steps?limit=10")
    while last["cursor"] is not None:
        last = api.get(f"{path(project, run)}/steps?limit=10&cursor={last['cursor']}")
    assert last["steps"][-1]["input"] == ["more"]
    assert api.get(f"{path(project, run)}/steps/{last['steps'][-1]['id']}")["input"] == ["more"]
    api.post(f"{path(project, run)}/terminate")
    assert api.get(f"{path(project, run)}/history?limit=1000")["events"][-1]["eventType"].endswith("TERMINATED")


def test_a_place_in_a_history_that_temporal_does_not_take_any_more_is_read_from_the_beginning(
    api: Api, project: str, service: Service
) -> None:
    run = api.begin(project, "Many", 3)
    run_id = api.outcome(project, run)["runId"]
    whole = api.get(f"{path(project, run)}/steps")["steps"]
    service.runs.histories._marks.add(run_id, 1, b"nothing that Temporal has made")
    assert api.get(f"{path(project, run)}/steps/{whole[1]['id']}") == whole[1]
