"""Runs are reset to their first or last task or to before a step, open or closed, on their build or on another one."""

from typing import Any

import pytest

from support import greeting
from support.refusals import refused
from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    return Runs(api, service, project_id, "greeting", greeting("A"))


def reset(runs: Runs, workflow_id: str, to: Any, expect: int = 202, **more: Any) -> Any:
    return runs.api.post(f"{runs.path}/executions/{workflow_id}/reset", {"to": to, **more}, expect)


def first_activity(runs: Runs, workflow_id: str) -> Any:
    steps = runs.api.get(f"{runs.path}/executions/{workflow_id}/steps")["steps"]
    return next(step for step in steps if step["kind"] == "activity")


def say_bye(runs: Runs, workflow_id: str) -> Any:
    runs.signal(workflow_id, "say", "bye")
    return runs.result(workflow_id)


def test_a_reset_to_the_last_task_keeps_the_build_and_to_the_first_takes_the_current_one(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    before = runs.show(run)
    build = runs.publish(greeting("B"))
    last = reset(runs, run, "last", reason="again")
    assert last["workflowId"] == run
    assert last["runId"] != before["runId"]
    eventually(lambda: runs.show(run)["runId"] == last["runId"])
    assert runs.show(run)["buildId"] == runs.first_build
    assert say_bye(runs, run) == ["A", "first from A", "bye from A"]
    first = reset(runs, run, "first")
    eventually(lambda: runs.show(run)["buildId"] == build)
    assert runs.show(run)["runId"] == first["runId"]
    assert runs.result(run) == ["B", "first from B", "bye from B"], "signals after the reset point are sent again"


def test_a_closed_run_is_reset_to_before_a_step(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    assert say_bye(runs, run) == ["A", "first from A", "bye from A"]
    runs.publish(greeting("B"))
    step = first_activity(runs, run)
    begun = reset(runs, run, {"step": step["id"]})
    assert runs.result(run) == ["A", "first from A", "bye from A"], "it stays on its build"
    found = runs.show(run)
    assert (found["runId"], found["buildId"]) == (begun["runId"], runs.first_build)


@pytest.mark.parametrize("to", ["first", "last"])
def test_a_reset_onto_another_build_is_proven_and_goes_on_there(runs: Runs, to: str) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    if to == "first":
        runs.publish(greeting("C"))
    begun = reset(runs, run, to, build=build)
    assert runs.show(run)["runId"] == begun["runId"]
    eventually(lambda: runs.show(run)["buildId"] == build)
    expected = ["B", "first from B" if to == "first" else "first from A", "bye from B"]
    assert say_bye(runs, run) == expected
    runs.replace_worker()
    assert runs.query(run) == "B"
    assert runs.show(run)["buildId"] == build


def test_a_moved_run_that_is_reset_stays_on_the_build_that_it_was_moved_to(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    runs.move(run, build)
    reset(runs, run, "last")
    assert say_bye(runs, run) == ["B", "first from A", "bye from B"]
    again = runs.publish(greeting("C"))
    reset(runs, run, "last", build=again)
    assert runs.result(run)[0] == "C"


def test_a_build_that_does_not_fit_what_stays_is_refused_and_nothing_is_reset(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    before = runs.show(run)
    body = greeting("B")
    code = body["workflowCode"].replace("first = await", "await workflow.sleep(0.01)\n        first = await")
    build = runs.publish(body | {"workflowCode": code})
    answer = reset(runs, run, "last", 409, build=build)
    assert answer["code"] == "does_not_replay"
    assert answer["event"]
    assert "nothing was reset" in answer["error"]
    assert runs.show(run)["runId"] == before["runId"]
    reset(runs, run, {"step": first_activity(runs, run)["id"]}, build=build)
    assert say_bye(runs, run) == ["B", "first from B", "bye from B"]


def test_what_cannot_be_reset_is_refused(runs: Runs, api: Api) -> None:
    run = runs.begin_greeting("first")
    path = f"{runs.path}/executions/{run}/reset"
    for step in ("1", "99999"):
        answer = refused(api, "POST", path, {"to": {"step": step}}, 404, f"has no step {step}")
        assert answer["code"] == "step_not_found"
    assert refused(api, "POST", path, {"to": "last", "build": "0" * 32}, 404, "no build")["code"] == "build_not_found"
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"to": "middle"},
        {"to": {"step": 0}},
        {"to": {}},
        {"to": "last", "build": "x"},
        {"to": 1},
    )
    for each in wrong:
        refused(api, "POST", path, each, 400, "")
    refused(api, "POST", f"{runs.path}/executions/nothing/reset", {"to": "first"}, 404, "has no execution")
    other = f"{runs.project_id}-other"
    api.deploy(other, "greeting", greeting("A"), start=False)
    refused(api, "POST", f"/projects/{other}/executions/{run}/reset", {"to": "first"}, 404, "has no execution")
    body = {"workflowType": "Greeting", "args": ["x"], "startDelaySeconds": 3600}
    waiting = api.post(f"{runs.path}/executions", body)["workflowId"]
    answer = refused(api, "POST", f"{runs.path}/executions/{waiting}/reset", {"to": "first"}, 409, "done nothing yet")
    assert answer["code"] == "nothing_to_reset"
    for workflow_id in (waiting, run):
        api.post(f"{runs.path}/executions/{workflow_id}/terminate")
