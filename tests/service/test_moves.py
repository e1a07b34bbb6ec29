"""A run is moved to another build if its history fits, and stays where it is if not; it is never lost or failed."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from support import GREETING, greeting
from support.egress import LOOPBACK
from support.gate import Gate, gate
from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store.moves import MovedRun
from workerhost.testing import Api, eventually, unique_id

PAUSE = "await workflow.sleep(0.01)\n        "
FIRST_STEP = "first = await"


def _changed(mark: str, before_the_first_step: str) -> dict[str, str]:
    """Return a greeting that does something else than others before its first step."""
    body = greeting(mark)
    return body | {"workflowCode": body["workflowCode"].replace(FIRST_STEP, before_the_first_step + FIRST_STEP)}


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    return Runs(api, service, project_id, "greeting", greeting("A"))


def _say_bye(runs: Runs, workflow_id: str) -> Any:
    runs.signal(workflow_id, "say", "bye")
    return runs.result(workflow_id)


def test_a_waiting_run_goes_on_with_the_build_it_is_moved_to(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    assert runs.query(run) == "A"

    answer = runs.move(run, build)
    assert answer == {
        "success": True,
        "message": f"Execution {run} goes on with build {build}",
        "workflowId": run,
        "runId": runs.show(run)["runId"],
        "from": runs.first_build,
        "to": build,
        "changed": True,
    }
    assert runs.show(run)["buildId"] == build
    assert runs.query(run) == "B"
    assert _say_bye(runs, run) == ["B", "first from A", "bye from B"]
    assert runs.show(run)["buildId"] == build


def test_a_moved_run_stays_on_its_new_build_when_its_worker_is_replaced(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    runs.move(run, runs.publish(greeting("B")))
    runs.replace_worker()
    assert runs.query(run) == "B"
    assert _say_bye(runs, run) == ["B", "first from A", "bye from B"]


def test_the_history_of_a_moved_run_is_as_if_nothing_had_happened(runs: Runs) -> None:
    moved, other = runs.begin_greeting("first"), runs.begin_greeting("first")
    runs.move(moved, runs.publish(greeting("B")))
    for run in (moved, other):
        _say_bye(runs, run)
    assert runs.history(moved) == runs.history(other)
    assert runs.history(moved).count("MarkerRecorded") == 1


def test_a_moved_run_is_forgotten_when_temporal_keeps_it_no_more(runs: Runs) -> None:
    still_open, closed = runs.begin_greeting("open"), runs.begin_greeting("closed")
    build = runs.publish(greeting("B"))
    for run in (still_open, closed):
        runs.move(run, build)
    _say_bye(runs, closed)
    moves = runs.service.store.moves
    # Temporal takes a minute to delete a run, so that one stands for it which Temporal has never had.
    moves.add_run(runs.project_id, MovedRun(str(uuid.uuid4()), "deleted", "Greeting", runs.first_build, build))
    runs.service.tidier.forget_gone_runs()
    assert {run.workflow_id for run in moves.runs(runs.project_id)} == {still_open, closed}
    runs.replace_worker()
    assert (runs.query(still_open), runs.query(closed)) == ("B", "B")


def test_a_query_on_a_closed_run_is_answered_by_the_build_it_was_moved_to(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    runs.move(run, runs.publish(greeting("B")))
    _say_bye(runs, run)
    runs.replace_worker()
    assert runs.query(run) == "B"


def test_a_run_that_does_not_fit_stays_and_the_answer_names_the_event(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(_changed("B", PAUSE))

    answer = runs.move(run, build, expect=409)
    assert answer["code"] == "does_not_replay"
    assert answer["event"] == {"id": 7, "type": "ActivityTaskScheduled"}
    assert runs.history(run)[6] == "ActivityTaskScheduled"
    assert answer["error"].startswith(
        f"execution {run} does not replay on build {build} at event 7 (ActivityTaskScheduled): "
    )
    assert runs.show(run)["buildId"] == runs.first_build
    assert runs.query(run) == "A"
    assert _say_bye(runs, run) == ["A", "first from A", "bye from A"]


def test_a_run_is_moved_to_the_current_build_and_the_second_time_nothing_changes(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    for has_changed in (True, False):
        answer = runs.move(run, "current")
        assert (answer["to"], answer["changed"]) == (build, has_changed)
    assert answer["from"] == build
    assert answer["message"] == f"Execution {run} is already on build {build}"
    assert _say_bye(runs, run) == ["B", "first from A", "bye from B"]


def test_a_run_is_moved_on_and_back_to_where_it_began(runs: Runs) -> None:
    run = runs.begin_greeting("first")
    builds = {"A": runs.first_build} | {mark: runs.publish(greeting(mark)) for mark in ("B", "C")}
    before = "A"
    for mark in ("B", "C", "B", "A"):
        answer = runs.move(run, builds[mark])
        assert (answer["from"], answer["to"], answer["changed"]) == (builds[before], builds[mark], True)
        assert runs.query(run) == mark
        before = mark
    assert runs.service.store.moves.runs(runs.project_id) == []
    assert _say_bye(runs, run) == ["A", "first from A", "bye from A"]


def test_what_cannot_be_moved_is_told_apart(runs: Runs) -> None:
    waiting, closed = runs.begin_greeting("first"), runs.begin_greeting("second")
    _say_bye(runs, closed)
    build = runs.publish(greeting("B"))
    assert runs.move(waiting, "0123456789abcdef", expect=404)["code"] == "build_not_found"
    assert runs.move("no-such-execution", build, expect=404)["code"] == "execution_not_found"
    assert runs.move(closed, build, expect=409)["code"] == "execution_closed"
    path = f"{runs.path}/executions/{waiting}/move"
    for body in ({}, {"build": "Not a digest"}, {"build": 7}, {"build": build, "more": 1}):
        assert runs.api.post(path, body, expect=400)["code"] == "invalid_request"
    assert runs.api.post(path.replace(runs.project_id, "nobody"), {"build": build}, 404)["code"] == "project_not_found"
    assert runs.show(waiting)["buildId"] == runs.first_build


def test_a_run_before_its_first_task_has_no_build_yet(runs: Runs) -> None:
    runs.stop()
    run = runs.api.begin(runs.project_id, "Greeting", "first")
    answer = runs.move(run, runs.first_build, expect=409)
    assert answer["code"] == "no_build_yet"
    assert answer["error"] == f"execution {run} has no build yet; it takes one with its first task"
    runs.start()
    assert _say_bye(runs, run) == ["A", "first from A", "bye from A"]


SLOW = """
import asyncio
import urllib.error
import urllib.request
from datetime import timedelta

from temporalio import activity, workflow


def is_there(url: str) -> bool:
    try:
        urllib.request.urlopen(url).close()
    except urllib.error.HTTPError:
        return False
    return True


@activity.defn
async def wait_for(url: str) -> str:
    while not await asyncio.to_thread(is_there, url):
        await asyncio.sleep(0.02)
    return "waited in MARK"


@workflow.defn
class Slow:
    @workflow.run
    async def run(self, url: str) -> list[str]:
        options = {"start_to_close_timeout": timedelta(seconds=30)}
        first = await workflow.START(wait_for, url, **options)
        return [first, await workflow.START(wait_for, url, **options), "ended on MARK"]
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Projects reach the pages of the tests."""
    return settings.model_copy(update={"open_networks": LOOPBACK})


@pytest.fixture
def closed() -> Iterator[Gate]:
    """A gate that is closed."""
    with gate() as made:
        yield made


def _slow(mark: str, start: str) -> dict[str, str]:
    return {"version": mark, "workflowCode": SLOW.replace("MARK", mark).replace("START", start)}


def test_a_run_whose_activity_works_when_it_is_moved_goes_on_with_the_new_build(
    api: Api, service: Service, project_id: str, closed: Gate
) -> None:
    runs = Runs(api, service, project_id, "slow", _slow("A", "execute_activity"))
    run = runs.begin("Slow", closed.url)
    runs.move(run, runs.publish(_slow("B", "execute_activity")))
    closed.is_open.set()
    assert runs.result(run) == ["waited in A", "waited in B", "ended on B"]
    assert "WorkflowTaskFailed" not in runs.history(run)


def test_a_run_whose_task_is_under_way_when_it_is_moved_goes_on_with_the_new_build(
    api: Api, service: Service, project_id: str, closed: Gate
) -> None:
    """A local activity is part of its workflow task, so it begins again where the run leaves the worker's memory."""
    runs = Runs(api, service, project_id, "slow", _slow("A", "execute_local_activity"))
    run = unique_id("run")
    arguments: dict[str, Any] = {"id": run, "task_queue": f"{project_id}-queue", "task_timeout": timedelta(seconds=1)}
    runs.call(lambda client: client.start_workflow("Slow", closed.url, **arguments))
    eventually(lambda: runs.show(run)["buildId"])
    runs.move(run, runs.publish(_slow("B", "execute_local_activity")))
    closed.is_open.set()
    result = runs.result(run)
    assert result[0] in ("waited in A", "waited in B")
    assert result[1:] == ["waited in B", "ended on B"]
    assert "WorkflowTaskFailed" not in runs.history(run)


def _move_without_proof(runs: Runs, run: str, build: str) -> None:
    """Write the row of a move, as the API does after its proof, and wait until the worker knows."""
    run_id = runs.show(run)["runId"]
    row = MovedRun(run_id, run, "Greeting", runs.first_build, build)
    runs.service.store.moves.add_run(runs.project_id, row)
    worker = runs.service.host.worker(runs.project_id)
    assert worker is not None
    eventually(lambda: worker.builds.moved_runs.build_of(run_id) == build)


FAILS = """
        from temporalio.exceptions import ApplicationError
        raise ApplicationError("this code cannot go on")
        """


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        (_changed("B", PAUSE), "Nondeterminism"),
        (_changed("B", "return []\n        "), "Nondeterminism"),
        (_changed("B", FAILS), "Nondeterminism"),
        (_changed("B", FAILS.replace("raise ApplicationError", "raise RuntimeError")), "this code cannot go on"),
        ({"workflowCode": GREETING.replace("Greeting", "Other")}, "defines no workflow type Greeting"),
    ],
    ids=["other commands", "an early end", "an early failure", "an error", "no such workflow"],
)
def test_a_moved_run_that_turns_out_not_to_fit_goes_back_by_itself(
    runs: Runs, misfit: dict[str, str], reason: str
) -> None:
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B") | misfit)
    _move_without_proof(runs, run, build)

    assert _say_bye(runs, run) == ["A", "first from A", "bye from A"]
    [event] = eventually(lambda: runs.events("returned"))
    assert event["build"] == build
    assert event["message"].startswith(f"execution {run} went back to build {runs.first_build}: ")
    assert reason in event["message"]
    assert runs.show(run)["buildId"] == runs.first_build
    assert runs.query(run) == "A"
