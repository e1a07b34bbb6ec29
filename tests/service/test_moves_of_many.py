"""All open runs of a build are moved at once, with a report of those that stay; another host goes on where one dies."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support import greeting
from support.runs import Runs
from workerhost.api.app import create_app
from workerhost.runtime.service import Service
from workerhost.store.moves import BuildMove
from workerhost.testing import Api, eventually, unique_id

FITS_SOME = 'if name.startswith("odd"):\n            await workflow.sleep(0.01)\n        '


def _picky(mark: str) -> dict[str, str]:
    """Return a greeting that takes over runs of others, but for those whose name begins with `odd`."""
    body = greeting(mark)
    return body | {"workflowCode": body["workflowCode"].replace("first = await", f"{FITS_SOME}first = await")}


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    return Runs(api, service, project_id, "greeting", greeting("A"))


def _begun(runs: Runs, *names: str) -> dict[str, str]:
    """Begin a greeting of each name, wait until all wait for a word, and return their workflow ids by name."""
    begun = {name: runs.api.begin(runs.project_id, "Greeting", name) for name in names}
    eventually(lambda: all("ActivityTaskCompleted" in runs.history(workflow_id) for workflow_id in begun.values()))
    runs.wait_until_listed(len(names))
    return begun


def _names(kind: str, count: int) -> list[str]:
    return [f"{kind} {number}" for number in range(count)]


def _assert_all_end(runs: Runs, begun: dict[str, str], mark: str) -> None:
    for workflow_id in begun.values():
        runs.signal(workflow_id, "say", "bye")
    for name, workflow_id in begun.items():
        assert runs.result(workflow_id) == [mark, f"{name} from A", f"bye from {mark}"]


def _under_way(runs: Runs, target: str, host_id: str) -> BuildMove:
    """Write that a host works on a move."""
    move = BuildMove(unique_id("move")[:12], runs.project_id, runs.first_build, target, host_id)
    return runs.service.store.moves.begin(move)


def test_all_runs_that_fit_are_moved_and_the_others_are_reported(runs: Runs) -> None:
    begun = _begun(runs, *_names("even", 12), *_names("odd", 3))
    fitting = {name: workflow_id for name, workflow_id in begun.items() if name.startswith("even")}
    odd = {name: workflow_id for name, workflow_id in begun.items() if name not in fitting}
    build = runs.publish(_picky("B"))

    report = runs.move_all(runs.first_build, "current")
    assert {name: report[name] for name in ("success", "status", "from", "to", "total", "moved")} == {
        "success": True,
        "status": "completed",
        "from": runs.first_build,
        "to": build,
        "total": 15,
        "moved": 12,
    }
    assert report["startedAt"] <= report["endedAt"]
    assert runs.api.get(f"{runs.path}/deployment/moves/{report['moveId']}") == report
    stayed = {each["workflowId"]: each for each in report["notMoved"]}
    assert set(stayed) == set(odd.values())
    for workflow_id, each in stayed.items():
        assert each["event"] == {"id": 7, "type": "ActivityTaskScheduled"}
        assert each["runId"] == runs.show(workflow_id)["runId"]
        assert each["workflowType"] == "Greeting"
        assert each["reason"]
    assert [event["message"] for event in runs.events("moved")] == [
        f"12 of 15 open runs of build {runs.first_build} go on with this build"
    ]
    assert {runs.query(workflow_id) for workflow_id in odd.values()} == {"A"}
    runs.replace_worker()
    assert {runs.query(workflow_id) for workflow_id in fitting.values()} == {"B"}
    _assert_all_end(runs, fitting, "B")
    _assert_all_end(runs, odd, "A")


def test_the_same_move_again_finds_nothing_left_and_back_takes_them_back(runs: Runs) -> None:
    begun = _begun(runs, *_names("even", 5))
    build = runs.publish(greeting("B"))
    for source, target, count in ((runs.first_build, build, 5), (runs.first_build, build, 0), (build, "current", 5)):
        if target == "current":
            runs.api.post(f"{runs.path}/deployment/rollback", {"build": runs.first_build})
        report = runs.move_all(source, target)
        assert (report["status"], report["total"], report["moved"]) == ("completed", count, count)
    assert runs.service.store.moves.runs(runs.project_id) == []
    _assert_all_end(runs, begun, "A")


def test_the_same_move_at_the_same_time_is_joined(runs: Runs) -> None:
    begun = _begun(runs, *_names("even", 10))
    build = runs.publish(greeting("B"))
    app = create_app(runs.service)

    def move(_: int) -> Any:
        body = {"from": runs.first_build, "to": build}
        return Api(app.test_client()).post(f"{runs.path}/deployment/move", body, 200)

    with ThreadPoolExecutor(4) as threads:
        reports = list(threads.map(move, range(4)))
    by_move = {report["moveId"]: report for report in reports}
    assert sum(report["moved"] for report in by_move.values()) == 10
    assert {report["status"] for report in reports} == {"completed"}
    _assert_all_end(runs, begun, "B")


def test_a_move_that_is_under_way_is_joined_and_another_one_is_refused(runs: Runs) -> None:
    builds = [runs.publish(greeting(mark)) for mark in ("B", "C")]
    under_way = _under_way(runs, builds[0], runs.service.host.id)

    joined = runs.move_all(runs.first_build, builds[0], 202, timeout=0)
    assert (joined["moveId"], joined["status"], joined["endedAt"]) == (under_way.id, "running", None)
    for source, target in ((runs.first_build, builds[1]), (builds[0], builds[1]), (builds[0], runs.first_build)):
        refused = runs.move_all(source, target, 409)
        assert refused["code"] == "move_under_way"
        assert f"from build {runs.first_build} to {builds[0]}" in refused["error"]


def test_moves_that_name_nothing_to_do_are_told_apart(runs: Runs) -> None:
    unknown = "0123456789abcdef"
    assert runs.move_all(runs.first_build, "current", 409)["code"] == "same_build"
    assert runs.move_all(unknown, "current", 404)["code"] == "build_not_found"
    assert runs.move_all("current", unknown, 404)["code"] == "build_not_found"
    assert runs.api.get(f"{runs.path}/deployment/moves/none", 404)["code"] == "move_not_found"
    for body in ({}, {"from": runs.first_build}, {"from": "x", "to": "current"}):
        assert runs.api.post(f"{runs.path}/deployment/move", body, 400)["code"] == "invalid_request"


def test_a_move_of_a_host_that_is_gone_is_taken_over(runs: Runs) -> None:
    begun = _begun(runs, *_names("even", 4), "odd one")
    build = runs.publish(_picky("B"))
    move = _under_way(runs, build, "a-host-that-is-gone")
    runs.service.build_mover.take_over_moves()

    path = f"{runs.path}/deployment/moves/{move.id}"
    report = eventually(lambda: (found := runs.api.get(path))["status"] != "running" and found)
    assert (report["status"], report["total"], report["moved"], len(report["notMoved"])) == ("completed", 5, 4, 1)
    _assert_all_end(runs, {"odd one": begun.pop("odd one")}, "A")
    _assert_all_end(runs, begun, "B")


def test_runs_that_end_during_a_move_are_no_trouble(runs: Runs) -> None:
    begun = _begun(runs, *_names("even", 20))
    build = runs.publish(greeting("B"))
    with ThreadPoolExecutor(1) as thread:
        app = create_app(runs.service)
        body = {"from": runs.first_build, "to": build}
        moving = thread.submit(lambda: Api(app.test_client()).post(f"{runs.path}/deployment/move", body, 200))
        for workflow_id in begun.values():
            runs.signal(workflow_id, "say", "bye")
        report = moving.result()
    assert report["status"] == "completed"
    results = [runs.result(workflow_id) for workflow_id in begun.values()]
    for name, result in zip(begun, results, strict=True):
        assert result[:2] in (["A", f"{name} from A"], ["B", f"{name} from A"])
        assert result[2] in ("bye from A", "bye from B")
