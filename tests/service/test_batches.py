"""Something is done with many executions in the background, with a report, a stop, and another host that goes on."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.batches import Batches, counts
from workerhost.runtime.batches.arguments import starts_as_json
from workerhost.runtime.executions.starting.start_options import ExecutionStart
from workerhost.runtime.service import Service
from workerhost.store.batches import Batch
from workerhost.store.models import BatchRow
from workerhost.testing import Api, eventually, unique_id
from workerhost.testing.services import running_service
from workerhost.words import BatchOperation, HostId, WorkflowId

GONE = HostId("a-host-that-is-gone")


@pytest.fixture
def batches(api: Api, service: Service, project_id: str) -> Batches:
    return Batches(api, service, project_id)


def test_all_that_a_filter_admits_are_canceled_and_no_others(batches: Batches) -> None:
    greetings = [batches.run("Greeting", f"name {number}") for number in range(5)]
    other = batches.run("Counting")
    ended = batches.run("Echo", "tea")
    batches.api.outcome(batches.project, ended)
    report = batches.done("cancel", filter={"workflowType": "Greeting"}, reason="it is over")
    assert report == {
        "batchId": report["batchId"],
        "operation": "cancel",
        "status": "completed",
        "total": 5,
        "done": 5,
        "failed": 0,
        "message": "",
        "createdAt": report["createdAt"],
        "endedAt": report["endedAt"],
        "failures": [],
    }
    assert report["createdAt"] < report["endedAt"]
    for each in greetings:
        assert batches.api.outcome(batches.project, each)["status"] == "CANCELED"
    assert batches.status(other) == "RUNNING"
    assert counts(batches.done("terminate", filter={}, reason="all of them")) == (1, 1, 0)
    assert batches.status(other) == "TERMINATED"
    assert batches.status(ended) == "COMPLETED"


def test_a_signal_comes_once_to_each(batches: Batches) -> None:
    waiting = [batches.run("Counting") for _ in range(3)]
    for word in ("a", "b"):
        report = batches.done("signal", filter={"status": "RUNNING"}, name="say", args=[word])
        assert counts(report) == (3, 3, 0)
    assert counts(batches.done("signal", filter={"status": ["RUNNING"]}, name="say", args=["end"])) == (3, 3, 0)
    for each in waiting:
        assert batches.api.outcome(batches.project, each)["result"] == ["a", "b", "end"]


def test_executions_are_deleted_whether_they_run_or_not(batches: Batches) -> None:
    ended = [batches.run("Echo", "tea") for _ in range(3)]
    for each in ended:
        batches.api.outcome(batches.project, each)
    running = batches.run("Counting")
    eventually(lambda: batches.count(status="COMPLETED") == 3)
    assert counts(batches.done("delete", filter={"status": ["COMPLETED"]})) == (3, 3, 0)
    assert batches.status(running) == "RUNNING"
    report = batches.done("delete", filter={})
    assert report["done"] >= 1
    assert report["failed"] == 0
    # Temporal deletes what has ended when it next notes how far its queues are, which is every half minute.
    eventually(lambda: batches.count() == 0, timeout=90)
    eventually(lambda: batches.api.client.get(f"/projects/{batches.project}/executions/{running}").status_code == 404)


def test_an_execution_that_continues_as_new_again_and_again_is_ended_as_well(batches: Batches) -> None:
    loop = batches.run("Loop", 0)
    eventually(lambda: batches.count(status="CONTINUED_AS_NEW") > 2)
    report = batches.done("terminate", filter={"workflowIdPrefix": loop})
    assert (report["done"], report["failed"]) == (1, 0)
    assert batches.status(loop) == "TERMINATED"


def test_runs_of_another_project_stay_out_of_it(batches: Batches, neighbour: str) -> None:
    theirs = batches.api.begin(neighbour, "Echo", "theirs")
    mine = batches.begin("delete", filter={})
    assert batches.ended(mine)["status"] == "completed"
    assert batches.api.outcome(neighbour, theirs)["result"] == "echo: theirs"
    path = f"/projects/{neighbour}/batches"
    assert batches.api.get(f"{path}/{mine}", 404)["code"] == "batch_not_found"
    assert batches.api.post(f"{path}/{mine}/stop", None, 404)["code"] == "batch_not_found"
    assert batches.api.get(path) == {"batches": [], "cursor": None}
    for way in ("", f"/{mine}"):
        assert batches.api.get(f"/projects/nobody/batches{way}", 404)["code"] == "project_not_found"
    body = {"operation": "cancel", "filter": {}}
    assert batches.api.post("/projects/nobody/batches", body, 404)["code"] == "project_not_found"


def test_many_executions_are_started_and_what_fails_is_reported(batches: Batches) -> None:
    names = [unique_id("mine") for _ in range(3)]
    taken = batches.api.post(
        f"/projects/{batches.project}/executions", {"workflowType": "Counting", "workflowId": names[0]}
    )
    executions: list[dict[str, Any]] = [{"workflowType": "Echo", "args": [str(number)]} for number in range(150)]
    executions += [{"workflowType": "Echo", "args": ["named"], "workflowId": name, "memo": {"a": 1}} for name in names]
    executions += [
        {"workflowType": "Echo", "args": ["x"], "searchAttributes": {"unheardOf": "x"}},
        {"workflowType": "Echo", "args": ["y" * 3_000_000]},
        {"workflowType": "Counting", "workflowId": unique_id("later"), "startDelaySeconds": 3600, "priority": 1},
    ]
    report = batches.done("start", executions=executions)
    assert counts(report) == (156, 153, 3)
    reasons = [each["reason"] for each in report["failures"]]
    assert report["failures"][0]["workflowId"] == names[0]
    assert f"an execution with the workflow id {names[0]} is running" in reasons[0]
    assert "Temporal has no such search attribute" in reasons[1]
    assert "MiB" in reasons[2]
    assert batches.api.outcome(batches.project, names[1])["result"] == "echo: named"
    assert batches.api.outcome(batches.project, names[1])["memo"] == {"a": 1}
    eventually(lambda: batches.count(workflowType="Echo", status="COMPLETED") == 152)
    assert batches.status(names[0]) == "RUNNING"
    again = [{"workflowType": "Counting", "workflowId": names[0], "ifExists": "use"}]
    assert counts(batches.done("start", executions=again)) == (1, 1, 0)
    again[0]["ifExists"] = "terminate"
    assert counts(batches.done("start", executions=again)) == (1, 1, 0)
    now = batches.api.get(f"/projects/{batches.project}/executions/{names[0]}")
    assert (now["status"], now["runId"] != taken["runId"]) == ("RUNNING", True)


def test_failures_are_all_counted_and_a_hundred_of_them_shown(batches: Batches) -> None:
    executions = [{"workflowType": "Echo", "args": ["x"], "searchAttributes": {"unheardOf": n}} for n in range(130)]
    report = batches.done("start", executions=executions)
    assert counts(report) == (130, 0, 130)
    assert len(report["failures"]) == 100


def _left_behind(batches: Batches, starts: list[ExecutionStart], done: int) -> str:
    """Write a batch that a host has left behind that is gone, and return its id."""
    store = batches.service.store
    batch = Batch(unique_id("batch"), batches.project, BatchOperation.START, total=len(starts))
    store.batches.add(batch, starts_as_json(starts))
    with store.database.writing() as session:
        row = session.get_one(BatchRow, batch.id)
        row.status, row.host_id, row.position, row.done = "running", GONE, str(done), done
    return batch.id


def test_a_batch_of_a_host_that_is_gone_goes_on_and_starts_nothing_twice(batches: Batches) -> None:
    names = [WorkflowId(unique_id("mine")) for _ in range(4)]
    starts = [ExecutionStart("Echo", [str(number)]) for number in range(40)]
    starts += [ExecutionStart("Echo", ["named"], name) for name in names]
    starts += [ExecutionStart("Counting", []) for _ in range(4)]
    batch_id = _left_behind(batches, starts, 10)
    batches.service.runs.batch_runner.take_up_batches()
    report = batches.ended(batch_id)
    assert (report["status"], counts(report)) == ("completed", (48, 48, 0))
    eventually(lambda: batches.count() == 38)
    eventually(lambda: batches.count(status="COMPLETED") == 34)

    # As if the host had died before it had written how far it was.
    with batches.service.store.database.writing() as session:
        row = session.get_one(BatchRow, batch_id)
        row.status, row.host_id, row.position, row.done = "running", GONE, "10", 10
        row.arguments, row.ended_at = starts_as_json(starts), None
    batches.service.runs.batch_runner.take_up_batches()
    report = batches.ended(batch_id)
    assert (report["status"], counts(report), report["failures"]) == ("completed", (48, 48, 0), [])
    after = batches.done("signal", filter={"workflowType": "Counting"}, name="say", args=["end"])
    assert counts(after) == (4, 4, 0)
    eventually(lambda: batches.count(status="COMPLETED") == 38)
    assert batches.count() == 38


def test_a_batch_is_stopped_in_any_state_and_says_how_far_it_came(batches: Batches) -> None:
    executions = [{"workflowType": "Counting"} for _ in range(3000)]
    first = batches.begin("start", executions=executions)
    second = batches.begin("start", executions=executions[:10])
    assert batches.look(second)["status"] == "waiting"
    stopped = batches.api.post(f"{batches.path}/{second}/stop", None, 202)
    assert (stopped["status"], counts(stopped)) == ("stopped", (10, 0, 0))
    eventually(lambda: batches.look(first)["done"] > 0)
    assert batches.api.post(f"{batches.path}/{first}/stop", None, 202)["status"] == "stopping"
    report = batches.ended(first)
    assert report["status"] == "stopped"
    assert 0 < report["done"] < report["total"] == 3000
    assert batches.api.post(f"{batches.path}/{first}/stop", None, 202) == report
    eventually(lambda: batches.count() == report["done"])
    batches.done("terminate", filter={})


def test_a_host_that_ends_hands_its_batch_over(
    batches: Batches, service: Service, settings: Any, warm_process: Any
) -> None:
    batches.api.post("/workers/stop", {"projectId": batches.project})
    batch_id = batches.begin("start", executions=[{"workflowType": "Echo", "args": ["x"]} for _ in range(600)])
    eventually(lambda: batches.look(batch_id)["done"] > 0)
    service.runs.batch_runner.stop()
    assert batches.look(batch_id)["status"] == "waiting"
    with running_service(settings, warm_process=warm_process):
        report = batches.ended(batch_id)
    assert (report["status"], counts(report)) == ("completed", (600, 600, 0))
    eventually(lambda: batches.count() == 600)


def test_batches_are_listed_newest_first_a_page_at_a_time(batches: Batches) -> None:
    begun = [batches.begin("cancel", filter={"workflowIdPrefix": "nothing"}) for _ in range(3)]
    page = batches.api.get(f"{batches.path}?limit=2")
    assert [each["batchId"] for each in page["batches"]] == begun[:0:-1]
    assert "failures" not in page["batches"][0]
    rest = batches.api.get(f"{batches.path}?cursor={page['cursor']}")
    assert ([each["batchId"] for each in rest["batches"]], rest["cursor"]) == ([begun[0]], None)
    assert batches.api.get(f"{batches.path}?cursor=x", 400)["error"].startswith("cursor is not valid")
    assert [batches.ended(each)["total"] for each in begun] == [0, 0, 0]


def _bad_bodies() -> Iterator[tuple[dict[str, Any], str]]:
    start: dict[str, Any] = {"operation": "start"}
    yield {}, "operation is required"
    yield {"operation": "dance", "filter": {}}, "operation"
    yield {"operation": "cancel"}, "filter is required for the operation cancel"
    yield {"operation": "signal", "filter": {}}, "name is required for the operation signal"
    yield {"operation": "delete", "filter": {}, "reason": "x"}, "reason does not go with the operation delete"
    yield {"operation": "cancel", "filter": {}, "executions": [{"workflowType": "Echo"}]}, "executions does not go"
    yield {"operation": "reset", "filter": {}}, "to is required for the operation reset"
    yield {"operation": "cancel", "filter": {}, "to": "first"}, "to does not go with the operation cancel"
    yield {"operation": "cancel", "filter": {}, "build": "current"}, "build does not go with the operation cancel"
    yield {"operation": "reset", "filter": {}, "to": "middle"}, "to"
    yield {"operation": "reset", "filter": {}, "to": {"step": 0}}, "to"
    yield {"operation": "reset", "filter": {}, "to": "last", "build": "x"}, "build"
    only = {"status": "CONTINUED_AS_NEW"}
    yield {"operation": "reset", "filter": only, "to": "last"}, "must admit more than CONTINUED_AS_NEW"
    yield {"operation": "cancel", "filter": {"colour": "red"}}, "filter.colour is not a known field"
    yield {"operation": "cancel", "filter": {"status": ["LOST"]}}, "filter.status"
    yield {"operation": "cancel", "filter": {"status": "COMPLETED"}}, "filter.status must admit RUNNING"
    yield {"operation": "cancel", "filter": {"startedAfter": 5}}, "filter.startedAfter must be a time with its zone"
    yield {"operation": "cancel", "filter": {"workflowType": "it's"}}, "quotes or backslashes"
    yield {"operation": "cancel", "filter": []}, "filter"
    yield start, "executions is required for the operation start"
    yield start | {"executions": []}, "executions"
    yield start | {"executions": [{"args": []}]}, "executions.0.workflowType is required"
    yield start | {"executions": [{"workflowType": "Echo", "colour": 1}]}, "executions.0.colour is not a known field"
    twice = [{"workflowType": "Echo", "args": ["x"], "workflowId": "same"}] * 2
    yield start | {"executions": twice}, "executions.1.workflowId is that of executions.0 as well"
    yield start | {"executions": [{"workflowType": "Echo"}], "filter": {}}, "filter does not go with the operation"


def test_what_does_not_fit_is_refused_with_a_sentence_and_nothing_is_begun(batches: Batches) -> None:
    for body, part in _bad_bodies():
        answer = batches.refused(body)
        assert answer["code"] == "invalid_request"
        assert part in answer["error"], (body, answer)
    unknown = batches.refused({"operation": "start", "executions": [{"workflowType": "Nothing"}]}, 404)
    assert unknown["code"] == "workflow_type_not_found"
    assert batches.api.get(batches.path)["batches"] == []
    assert batches.api.get(f"{batches.path}?colour=red", 400)["code"] == "invalid_request"
    assert batches.api.get(f"{batches.path}/nothing", 404)["code"] == "batch_not_found"
