"""Many runs are reset by one batch, each proven, and each once, also where a host dies in between."""

from dataclasses import replace
from typing import Any

import pytest

from support import greeting
from support.batches import Batches, counts
from support.refusals import refused
from workerhost.runtime.batches.arguments import runs_as_json
from workerhost.runtime.batches.run_operations import ResetRuns
from workerhost.runtime.executions.listing.filter import ExecutionFilter
from workerhost.runtime.executions.resetting.points import ResetEnd
from workerhost.runtime.executions.resetting.resets import Resets
from workerhost.runtime.executions.resetting.wanted import RepeatableReset
from workerhost.runtime.service import Service
from workerhost.store.batches import Batch
from workerhost.store.models import BatchRow
from workerhost.testing import Api, eventually, unique_id
from workerhost.words import BatchOperation, ExecutionStatus, HostId

GONE = HostId("a-host-that-is-gone")
GREETINGS = {"workflowType": "Greeting", "status": "RUNNING"}


@pytest.fixture
def batches(api: Api, service: Service, project_id: str) -> Batches:
    return Batches(api, service, project_id)


def begin_greetings(batches: Batches, count: int) -> dict[str, Any]:
    """Begin runs, wait until each has greeted and waits, and return them by their workflow ids."""
    begun = [batches.run("Greeting", "first") for _ in range(count)]
    for each in begun:
        eventually(lambda each=each: has_greeted(batches, each))  # type: ignore[misc]
    eventually(lambda: batches.count(**GREETINGS) == count)
    return {each: show(batches, each) for each in begun}


def has_greeted(batches: Batches, workflow_id: str) -> bool:
    steps = batches.api.get(f"/projects/{batches.project}/executions/{workflow_id}/steps")["steps"]
    return [each["status"] for each in steps if each["kind"] == "activity"] == ["completed"]


def show(batches: Batches, workflow_id: str) -> Any:
    return batches.api.get(f"/projects/{batches.project}/executions/{workflow_id}")


def say_bye(batches: Batches, workflow_id: str) -> Any:
    path = f"/projects/{batches.project}/executions/{workflow_id}/signal"
    batches.api.post(path, {"name": "say", "args": ["bye"]})
    return batches.api.outcome(batches.project, workflow_id)["result"]


def publish(batches: Batches, mark: str, pause: str = "") -> str:
    body = greeting(mark)
    code = body["workflowCode"].replace("first = await", f"{pause}first = await")
    answer = batches.api.put(f"/projects/{batches.project}/workflows/greeting", body | {"workflowCode": code})
    return str(answer["buildId"])


def leave_behind(batches: Batches, operation: ResetRuns) -> str:
    """Write a batch that a host has begun with that is gone by now, and return its id."""
    store = batches.service.store
    batch = Batch(unique_id("batch"), batches.project, BatchOperation.RESET)
    wanted = ExecutionFilter(statuses=[ExecutionStatus.RUNNING], workflow_type="Greeting")
    store.batches.add(batch, runs_as_json(BatchOperation.RESET, operation, wanted))
    leave(batches, batch.id)
    return batch.id


def leave(batches: Batches, batch_id: str, arguments: Any = None) -> None:
    with batches.service.store.database.writing() as session:
        row = session.get_one(BatchRow, batch_id)
        row.status, row.host_id, row.position, row.done = "running", GONE, "", 0
        if arguments:
            row.arguments, row.ended_at = arguments, None


def test_all_of_a_filter_are_taken_back_open_and_closed_ones(batches: Batches) -> None:
    before = begin_greetings(batches, 3)
    ended, *_ = before
    assert say_bye(batches, ended) == ["A", "first from A", "bye from A"]
    eventually(lambda: batches.count(workflowType="Greeting", status="COMPLETED") == 1)
    build = publish(batches, "B")
    other = batches.run("Counting")
    report = batches.done("reset", filter={"workflowType": "Greeting"}, to="first", reason="again")
    assert (report["operation"], counts(report)) == ("reset", (3, 3, 0))
    for each, shown in before.items():
        eventually(lambda each=each: show(batches, each)["buildId"] == build)  # type: ignore[misc]
        assert show(batches, each)["runId"] != shown["runId"]
        if each != ended:  # whose word came after the reset point, and was sent again
            say_bye(batches, each)
        assert batches.api.outcome(batches.project, each)["result"] == ["B", "first from B", "bye from B"]
    assert batches.status(other) == "RUNNING"
    batches.done("terminate", filter={})


def test_runs_go_on_with_another_build_and_what_does_not_fit_fails_alone(batches: Batches) -> None:
    before = begin_greetings(batches, 3)
    body = {"workflowType": "Greeting", "args": ["late"], "startDelaySeconds": 3600}
    late = batches.api.post(f"/projects/{batches.project}/executions", body)["workflowId"]
    build = publish(batches, "B")
    eventually(lambda: batches.count(**GREETINGS) == 4)
    report = batches.done("reset", filter=GREETINGS, to="last", build="current")
    assert counts(report) == (4, 3, 1)
    assert report["failures"] == [{"workflowId": late, "reason": f"execution {late} has done nothing yet"}]
    for each in before:
        eventually(lambda each=each: show(batches, each)["buildId"] == build)  # type: ignore[misc]

    other = publish(batches, "C", "await workflow.sleep(0.01)\n        ")
    now = {each: show(batches, each)["runId"] for each in before}
    report = batches.done("reset", filter=GREETINGS | {"buildId": build}, to="last", build=other)
    assert counts(report) == (3, 0, 3)
    assert all("nothing was reset" in each["reason"] for each in report["failures"])
    assert {each: show(batches, each)["runId"] for each in before} == now
    for each in before:
        assert say_bye(batches, each) == ["B", "first from A", "bye from B"]
    batches.done("terminate", filter={})


def test_the_latest_run_of_a_workflow_id_alone_is_reset(batches: Batches) -> None:
    [(run, first)] = begin_greetings(batches, 1).items()
    path = f"/projects/{batches.project}/executions/{run}/reset"
    second = batches.api.post(path, {"to": "last"}, 202)["runId"]
    eventually(lambda: batches.count(workflowIdPrefix=run) == 2)
    report = batches.done("reset", filter={"workflowIdPrefix": run}, to="last")
    assert counts(report) == (2, 1, 1)
    assert "only the latest is reset" in report["failures"][0]["reason"]
    assert show(batches, run)["runId"] not in (first["runId"], second)
    batches.done("terminate", filter={})


def test_what_a_host_has_reset_that_is_gone_is_not_reset_again(batches: Batches) -> None:
    before = begin_greetings(batches, 3)
    build = publish(batches, "B")
    batch_id = leave_behind(batches, ResetRuns(ResetEnd.LAST, build))
    arguments = batches.service.store.batches.arguments(batch_id)
    batches.service.runs.batch_runner.take_up_batches()
    assert counts(batches.ended(batch_id)) == (3, 3, 0)
    now = {each: show(batches, each)["runId"] for each in before}
    assert not {*now.values()} & {each["runId"] for each in before.values()}
    leave(batches, batch_id, arguments)  # as if it had died before it had written how far it was
    batches.service.runs.batch_runner.take_up_batches()
    report = batches.ended(batch_id)
    assert (counts(report), report["failures"]) == ((3, 3, 0), [])
    for each in before:
        assert show(batches, each)["runId"] == now[each]
        assert say_bye(batches, each) == ["B", "first from A", "bye from B"]


@pytest.mark.parametrize("place", [ResetEnd.FIRST, ResetEnd.LAST])
def test_a_reset_in_the_middle_of_which_a_host_died_is_completed_with_its_build(
    batches: Batches, place: ResetEnd
) -> None:
    [(run, first)] = begin_greetings(batches, 1).items()
    build = publish(batches, "B")
    publish(batches, "C")
    batch_id = leave_behind(batches, ResetRuns(place, build))
    service = batches.service
    project = service.store.projects.get(batches.project)
    created = service.store.batches.get(batches.project, batch_id).created_at
    assert created is not None
    repeatable = RepeatableReset(first["runId"], f"{batch_id}-{first['runId']}", created)
    resets = Resets(service.temporal)
    plan = resets.plan(project, run, place, repeatable)
    revision = service.store.resets.begin(project.id, run, first["runId"])
    service.deployer.go_live(project.id, replace(project.deployment, revision=revision))
    begun = resets.reset(plan, "")  # and here it dies
    service.runs.batch_runner.take_up_batches()
    assert counts(batches.ended(batch_id)) == (1, 1, 0)
    assert show(batches, run)["runId"] == begun
    eventually(lambda: show(batches, run)["buildId"] == build)
    assert say_bye(batches, run) == ["B", f"first from {'B' if place == ResetEnd.FIRST else 'A'}", "bye from B"]


def test_a_run_that_somebody_has_terminated_meanwhile_stays_so(batches: Batches) -> None:
    [(run, first)] = begin_greetings(batches, 1).items()
    batch_id = leave_behind(batches, ResetRuns(ResetEnd.LAST))
    batches.api.post(f"/projects/{batches.project}/executions/{run}/terminate")
    eventually(lambda: batches.count(status="TERMINATED") == 1)
    batches.service.runs.batch_runner.take_up_batches()
    report = batches.ended(batch_id)
    assert counts(report) == (1, 0, 1)
    assert report["failures"] == [{"workflowId": run, "reason": f"execution {run} was terminated meanwhile"}]
    assert show(batches, run)["runId"] == first["runId"]
    assert counts(batches.done("reset", filter={"status": "TERMINATED"}, to="last")) == (1, 1, 0)
    batches.done("terminate", filter={})


def test_a_build_that_is_not_there_is_refused_before_anything_is_begun(batches: Batches, api: Api) -> None:
    body = {"operation": "reset", "filter": {}, "to": "last", "build": "0" * 32}
    assert refused(api, "POST", batches.path, body, 404, "has no build")["code"] == "build_not_found"
    assert batches.api.get(batches.path)["batches"] == []
