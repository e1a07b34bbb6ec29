"""Watching a run: its steps as they happen, to however many look, and again after a lost connection."""

import asyncio
import json
import threading
from typing import Any

import pytest

from support.watchers import CODE, Watcher
from workerhost.runtime.executions.watching import run_watch
from workerhost.runtime.executions.watching.run_watch import RunWatch
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually, unique_id


@pytest.fixture(scope="module")
def watched_project() -> str:
    return unique_id("watched")


@pytest.fixture
def project(api: Api, watched_project: str) -> str:
    """One project for all tests of the module."""
    api.deploy(watched_project, "watched", CODE)
    return watched_project


def begin(api: Api, project: str, kind: str, *args: Any) -> str:
    return str(api.begin(project, kind, *args))


def go_on(api: Api, project: str, run: str) -> None:
    api.post(f"/projects/{project}/executions/{run}/signal", {"name": "go_on"})


def test_each_step_is_told_as_it_happens_and_the_end_ends_the_stream(api: Api, project: str) -> None:
    run = begin(api, project, "Stops", 2)
    watcher = Watcher(api, project, run)
    eventually(lambda: list(watcher.steps().values()) == ["completed"])
    assert watcher.statuses() == ["RUNNING"]
    go_on(api, project, run)
    eventually(lambda: list(watcher.steps().values()) == ["completed"] * 3)
    assert not watcher.has_ended
    go_on(api, project, run)
    watcher.end()
    assert watcher.statuses() == ["RUNNING", "COMPLETED"]
    assert watcher.events[-1].data["result"] == 2
    shown = api.get(f"/projects/{project}/executions/{run}/steps")["steps"]
    told = {each.data["id"]: each.data for each in watcher.events if each.kind == "step"}
    assert list(told.values()) == shown


def test_a_run_that_has_ended_is_told_whole(api: Api, project: str) -> None:
    run = begin(api, project, "Fails")
    assert api.outcome(project, run)["status"] == "FAILED"
    watcher = Watcher(api, project, run)
    watcher.end()
    assert [each.kind for each in watcher.events] == ["step", "status"]
    assert list(watcher.steps().values()) == ["failed"]
    assert watcher.statuses() == ["FAILED"]
    assert "number" in json.dumps(watcher.events[-1].data["failure"])


def test_a_run_that_is_paused_is_watched_until_its_end(api: Api, project: str) -> None:
    run = begin(api, project, "Stops", 1)
    eventually(lambda: api.get(f"/projects/{project}/executions/{run}/steps")["steps"])
    api.post(f"/projects/{project}/executions/{run}/pause")
    watcher = Watcher(api, project, run)
    eventually(lambda: list(watcher.steps().values()) == ["completed"])
    api.post(f"/projects/{project}/executions/{run}/resume")
    go_on(api, project, run)
    watcher.end()
    assert watcher.statuses() == ["RUNNING", "COMPLETED"]


def test_the_stream_goes_on_after_the_last_event_that_was_seen(api: Api, project: str) -> None:
    run = begin(api, project, "Stops", 2)
    first = Watcher(api, project, run)
    eventually(lambda: list(first.steps().values()) == ["completed"])
    last = next(each.id for each in reversed(first.events) if each.id)
    go_on(api, project, run)
    go_on(api, project, run)
    first.end()
    again = Watcher(api, project, run, last)
    again.end()
    assert set(again.steps()) == set(first.steps()) - {first.events[1].data["id"]}
    assert again.statuses()[-1] == "COMPLETED"


def test_what_was_seen_of_another_run_hides_nothing(api: Api, project: str) -> None:
    other = Watcher(api, project, begin(api, project, "Fails"))
    other.end()
    last = next(each.id for each in reversed(other.events) if each.id)
    again = Watcher(api, project, begin(api, project, "Fails"), last)
    again.end()
    assert list(again.steps().values()) == ["failed"]


def test_a_step_is_told_that_runs_or_is_tried_again(api: Api, project: str) -> None:
    hanging, retrying = begin(api, project, "Hangs"), begin(api, project, "Retries")
    watchers = Watcher(api, project, hanging), Watcher(api, project, retrying)
    eventually(lambda: list(watchers[0].steps().values()) == ["running"])
    eventually(lambda: list(watchers[1].steps().values()) == ["retrying"])
    [step] = [each.data for each in watchers[1].events if each.kind == "step" and each.data["status"] == "retrying"]
    assert step["failure"]["message"] == "failed 1 times"
    assert step["nextAttemptAt"]
    for run, watcher in zip((hanging, retrying), watchers, strict=True):
        api.post(f"/projects/{project}/executions/{run}/terminate")
        watcher.end()
        assert list(watcher.steps().values()) == ["canceled"]
        assert watcher.statuses()[-1] == "TERMINATED"


def test_an_end_that_comes_while_the_run_is_described_is_told_whole(
    api: Api, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = RunWatch._describe
    is_describing = threading.Event()

    async def describe_late(watch: RunWatch) -> Any:
        if watch._poll is not None:
            is_describing.set()
            await asyncio.wait({watch._poll})
        return await describe(watch)

    monkeypatch.setattr(RunWatch, "_describe", describe_late)
    run = begin(api, project, "Hangs")
    watcher = Watcher(api, project, run)
    eventually(lambda: watcher.steps() and is_describing.is_set())
    api.post(f"/projects/{project}/executions/{run}/terminate")
    watcher.end()
    assert list(watcher.steps().values()) == ["canceled"]
    assert watcher.statuses()[-1] == "TERMINATED"


def test_a_run_that_waits_as_its_code_says_is_described_and_asked_nothing_more(
    api: Api, project: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(api, project, "Stops", 1)
    path = f"/projects/{project}/executions/{run}"
    eventually(lambda: [each["status"] for each in api.get(f"{path}/steps")["steps"]] == ["completed"])
    eventually(lambda: api.get(f"{path}/history")["events"][-1]["eventType"] == "EVENT_TYPE_WORKFLOW_TASK_COMPLETED")
    look, describe = service.runs.watches._look, RunWatch._describe
    asked: list[str] = []

    async def noted_look(*arguments: Any) -> Any:
        asked.append("look")
        return await look(*arguments)

    async def noted_describe(watch: RunWatch) -> Any:
        asked.append("describe")
        return await describe(watch)

    monkeypatch.setattr(service.runs.watches, "_look", noted_look)
    monkeypatch.setattr(RunWatch, "_describe", noted_describe)
    monkeypatch.setattr(run_watch, "FIRST_LOOK_WITHOUT_ACTIVITIES_SECONDS", 3600)
    monkeypatch.setattr(run_watch, "LONGEST_PAUSE_SECONDS", 3600)
    monkeypatch.setattr(run_watch, "IDLE_PAUSE_SECONDS", 0.05)
    watcher = Watcher(api, project, run)
    eventually(lambda: asked.count("describe") >= 3)
    assert asked.count("look") == 1
    go_on(api, project, run)
    watcher.end()
    assert watcher.statuses() == ["RUNNING", "COMPLETED"]


def test_a_watcher_is_told_that_nobody_takes_a_task_and_that_somebody_does_again(
    api: Api, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_watch, "LONGEST_PAUSE_SECONDS", 0.2)
    run = begin(api, project, "Stops", 1)
    watcher = Watcher(api, project, run)
    eventually(lambda: list(watcher.steps().values()) == ["completed"])
    api.post("/workers/stop", {"projectId": project})
    go_on(api, project, run)

    def codes() -> list[Any]:
        told = [each.data.get("stuck") for each in watcher.events if each.kind == "status"]
        return [each and each["code"] for each in told]

    eventually(lambda: codes()[-1] == "no_worker", 30)
    api.post("/workers/start", {"projectId": project})
    watcher.end()
    assert watcher.statuses()[-1] == "COMPLETED"


def test_many_watch_one_run_at_the_price_of_one(api: Api, project: str, service: Service) -> None:
    run = begin(api, project, "Stops", 1)
    watchers = [Watcher(api, project, run) for _ in range(20)]
    eventually(lambda: all(list(each.steps().values()) == ["completed"] for each in watchers))
    assert len(service.runs.watches._watches) == 1
    go_on(api, project, run)
    for watcher in watchers:
        watcher.end()
        assert watcher.steps() == watchers[0].steps()
    eventually(lambda: not service.runs.watches._watches)
    assert service.runs.watches._count == 0


def test_one_watcher_too_many_is_refused_with_a_sentence(
    api: Api, project: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(api, project, "Stops", 1)
    monkeypatch.setattr(service.runs.watches, "_most", 1)
    watcher = Watcher(api, project, run)
    said = api.get(f"/projects/{project}/executions/{run}/events", expect=503)
    assert said["code"] == "too_many_watchers"
    assert "WORKERHOST_WATCHERS" in said["error"]
    eventually(watcher.steps)
    go_on(api, project, run)
    watcher.end()
    eventually(lambda: service.runs.watches._count == 0)
    Watcher(api, project, run).end()


def test_a_watcher_that_leaves_ends_the_watch(api: Api, project: str, service: Service) -> None:
    run = begin(api, project, "Stops", 1)
    watcher = Watcher(api, project, run)
    eventually(lambda: list(watcher.steps().values()) == ["completed"])
    watcher.leaves = True
    go_on(api, project, run)
    watcher.end()
    eventually(lambda: not service.runs.watches._watches)
    assert service.runs.watches._count == 0


@pytest.mark.parametrize("last", ["nonsense", "7", "00000000-0000-0000-0000-000000000000.x"])
def test_an_event_id_that_is_none_is_refused(api: Api, project: str, last: str) -> None:
    run = begin(api, project, "Fails")
    answer = api.client.get(f"/projects/{project}/executions/{run}/events", headers={"Last-Event-ID": last})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_request")
    assert "Last-Event-ID" in answer.get_json()["error"]


def test_a_run_of_another_project_is_not_there(api: Api, project: str, neighbour: str) -> None:
    run = begin(api, project, "Fails")
    for path in (f"/projects/{neighbour}/executions/{run}/events", f"/projects/{project}/executions/none/events"):
        assert api.get(path, expect=404)["code"] == "execution_not_found"
    assert api.get(f"/projects/none/executions/{run}/events", expect=404)["code"] == "project_not_found"


def test_only_the_head_of_a_stream_can_be_asked_for(api: Api, project: str, service: Service) -> None:
    run = begin(api, project, "Stops", 1)
    answer = api.client.head(f"/projects/{project}/executions/{run}/events")
    answer.close()
    assert answer.mimetype == "text/event-stream"
    assert service.runs.watches._count == 0
    go_on(api, project, run)
