"""A ramp: a share of new runs tries a build, which is promoted, rolled back, or rolls itself back."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.common import RetryPolicy

from support.publishing import (
    WORK,
    Sides,
    active_version,
    begin,
    end,
    mark_of,
    publish,
    replace_worker,
    shown,
    stored,
    work,
)
from support.refusals import refused
from workerhost.model import ActiveRamp, Deployment
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually

IDS = [f"order-{number}" for number in range(20_000)]


def _deployment(percent: float, build: str = "new") -> Deployment:
    return Deployment(2, "old", ActiveRamp(build, percent, 0.1, 5, 2, datetime.now(UTC)))


@pytest.mark.parametrize("percent", [0.5, 5, 25, 50, 99])
def test_about_the_asked_share_of_workflow_ids_tries_the_new_build(percent: float) -> None:
    chosen = Counter(_deployment(percent).choose(each) for each in IDS)
    assert set(chosen) == {"old", "new"}
    assert 100 * chosen["new"] / len(IDS) == pytest.approx(percent, abs=1)


def test_a_workflow_id_that_tries_the_build_still_does_with_a_higher_share() -> None:
    few, more = ({each for each in IDS if _deployment(percent).choose(each) == "new"} for percent in (5, 25))
    assert few < more


def test_another_build_is_tried_by_other_workflow_ids() -> None:
    first, second = (
        {each for each in IDS if _deployment(50, build).choose(each) == build} for build in ("first", "second")
    )
    assert len(first & second) / len(IDS) == pytest.approx(0.25, abs=0.02)


Start = Callable[..., Sides]


@pytest.fixture
def start_ramp(api: Api, service: Service, project_id: str) -> Start:
    """Has half of the runs of a project on A try B; returns which do."""

    def start(percent: float = 50, **how: Any) -> Sides:
        api.deploy(project_id, "work", work("A"))
        answer = publish(api, project_id, "B", ramp={"percent": percent, **how})
        assert answer["ramp"]["build"] == answer["buildId"]
        return Sides(service, project_id)

    return start


def _events(api: Api, project_id: str) -> list[str]:
    """Return the kinds of what happened, the last first."""
    return [event["kind"] for event in shown(api, project_id)["events"]]


def test_each_run_takes_the_build_that_its_workflow_id_chooses(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()
    current = shown(api, project_id)["currentBuild"]
    for mark, build, ids in (("A", current, sides.old[:5]), ("B", sides.tried, sides.new[:5])):
        for workflow_id in ids * 2:
            begin(api, project_id, workflow_id, "Work")
            outcome = api.outcome(project_id, workflow_id)
            assert (outcome["result"], outcome["buildId"]) == (mark, build)


def test_a_chain_and_the_attempts_of_one_workflow_id_stay_on_its_side(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()

    retry = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=3)

    async def run_all(client: Client) -> list[Any]:
        queue = f"{project_id}-queue"
        runs = []
        for ids in (sides.old, sides.new):
            runs.append(client.execute_workflow("Chain", [], id=ids[0], task_queue=queue))
            runs.append(client.execute_workflow("Retried", id=ids[1], task_queue=queue, retry_policy=retry))
        return await asyncio.gather(*runs)

    results = service.temporal.call(run_all, timeout=60)
    assert results == [["A", "A", "A"], ["A", "A"], ["B", "B", "B"], ["B", "B"]]


def test_waiting_runs_replay_on_their_side_after_their_worker_was_replaced_and_the_ramp_has_ended(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()
    waiting = [(workflow_id, "A") for workflow_id in sides.old[:4]] + [(each, "B") for each in sides.new[:4]]
    for workflow_id, mark in waiting:
        begin(api, project_id, workflow_id, "Work", "wait")
        assert mark_of(service, workflow_id) == mark
    replace_worker(api, project_id)
    for workflow_id, mark in (waiting[0], waiting[-1]):
        assert end(api, project_id, workflow_id) == mark
    assert shown(api, project_id)["ramp"]["build"] == sides.tried, "a start leaves the ramp as it is"

    api.post(f"/projects/{project_id}/deployment/rollback", expect=200)
    replace_worker(api, project_id)
    for workflow_id, mark in waiting[1:-1]:
        assert end(api, project_id, workflow_id) == mark


def test_while_a_ramp_is_under_way_its_versions_are_stored_and_not_active(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp(percent=12.5, failureThreshold=0.3, minimumRuns=7)
    [workflow] = api.get(f"/projects/{project_id}/workflows")["workflows"]
    assert (workflow["activeVersion"], workflow["versions"]) == ("A", ["A", "B"])
    answer = shown(api, project_id)
    assert answer["currentBuild"] != sides.tried
    ramp = {key: value for key, value in answer["ramp"].items() if key != "startedAt"}
    assert ramp == {
        "build": sides.tried,
        "percent": 12.5,
        "failureThreshold": 0.3,
        "minimumRuns": 7,
        "outcomes": {},
    }
    assert answer["events"][0]["build"] == sides.tried
    assert (answer["events"][0]["kind"], answer["events"][0]["message"]) == (
        "ramp_started",
        "work B for 12.5% of new runs",
    )


def test_promoting_makes_the_tried_build_current_and_its_versions_active(
    api: Api, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()
    answer = api.post(f"/projects/{project_id}/deployment/promote", expect=200)
    assert (answer["success"], answer["changed"], answer["buildId"]) == (True, True, sides.tried)
    after = shown(api, project_id)
    assert (after["currentBuild"], after["ramp"]) == (sides.tried, None)
    assert active_version(api, project_id) == "B"
    assert _events(api, project_id)[0] == "promoted"
    begin(api, project_id, sides.old[0], "Work")
    assert api.outcome(project_id, sides.old[0])["result"] == "B"
    replace_worker(api, project_id)
    assert api.run(project_id, "Work") == "B"


def test_rolling_back_ends_the_ramp_and_leaves_the_old_versions_active(
    api: Api, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()
    answer = api.post(f"/projects/{project_id}/deployment/rollback", expect=200)
    after = shown(api, project_id)
    assert (answer["changed"], answer["buildId"]) == (True, after["currentBuild"])
    assert answer["buildId"] != sides.tried
    assert after["ramp"] is None
    assert active_version(api, project_id) == "A"
    assert (after["events"][0]["kind"], after["events"][0]["build"]) == ("rolled_back", sides.tried)
    begin(api, project_id, sides.new[0], "Work")
    assert api.outcome(project_id, sides.new[0])["result"] == "A"
    assert api.post(f"/projects/{project_id}/deployment/promote", expect=409)["code"] == "no_ramp"


def test_nothing_else_is_published_while_a_ramp_is_under_way(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp()
    before = stored(service, project_id)
    path = f"/projects/{project_id}/workflows"
    echo = {"version": "1", "workflowCode": ECHO}
    for method, where, body in (
        ("PUT", f"{path}/work", work("C")),
        ("PUT", f"{path}/work", {**work("C"), "ramp": 5}),
        ("PUT", f"{path}/echo", echo),
        ("PUT", path, {"workflows": [{"name": "echo", **echo}]}),
        ("DELETE", f"{path}/work", None),
    ):
        answer = refused(api, method, where, body, 409, sides.tried, "50%", "promote it or roll it back first")
        assert answer["code"] == "ramp_under_way"
    assert stored(service, project_id) == before


def test_publishing_the_current_build_or_the_same_share_again_says_so_and_keeps_the_ramp(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp(percent=50)
    before = stored(service, project_id)
    current = shown(api, project_id)["currentBuild"]
    again = [
        publish(api, project_id, "A"),
        publish(api, project_id, "A", ramp=5),
        api.post(f"/projects/{project_id}/workflows/work/activate", {"version": "A"}, expect=200),
    ]
    for answer in again:
        assert (answer["changed"], answer["buildId"]) == (False, current)
        assert answer["message"].endswith("is live in version A already; nothing has changed")
    answer = publish(api, project_id, "B", ramp=50)
    assert (answer["changed"], answer["buildId"]) == (False, sides.tried)
    assert answer["message"].endswith("is live in version B for 50% of new runs already; nothing has changed")
    assert stored(service, project_id) == before


def test_another_version_of_the_current_build_becomes_active_and_the_ramp_goes_on(
    api: Api, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp(percent=50)
    answer = api.put(f"/projects/{project_id}/workflows/work", {**work("A"), "version": "A2"}, expect=200)
    assert (answer["changed"], answer["buildId"]) == (True, shown(api, project_id)["currentBuild"])
    assert answer["message"].endswith("is live in version A2")
    assert active_version(api, project_id) == "A2"
    assert shown(api, project_id)["ramp"]["build"] == sides.tried


def test_the_same_publish_with_another_share_changes_it_and_without_ramp_promotes_it(
    api: Api, service: Service, project_id: str, start_ramp: Start
) -> None:
    sides = start_ramp(percent=50)
    begin(api, project_id, sides.new[0], "Work")
    assert api.outcome(project_id, sides.new[0])["result"] == "B"
    eventually(lambda: shown(api, project_id)["ramp"]["outcomes"])
    before = shown(api, project_id)

    answer = publish(api, project_id, "B", ramp=80)
    assert (answer["changed"], answer["ramp"]["percent"]) == (True, 80)
    changed = shown(api, project_id)
    assert (changed["ramp"]["percent"], changed["currentBuild"]) == (80, before["currentBuild"])
    for key in ("startedAt", "outcomes", "build"):
        assert changed["ramp"][key] == before["ramp"][key]
    assert changed["revision"] > before["revision"]
    assert active_version(api, project_id) == "A"

    answer = publish(api, project_id, "B")
    assert (answer["changed"], "ramp" in answer) == (True, False)
    after = shown(api, project_id)
    assert (after["currentBuild"], after["ramp"]) == (sides.tried, None)
    assert active_version(api, project_id) == "B"
    assert _events(api, project_id)[:3] == ["published", "ramp_changed", "ramp_started"]


def test_a_workflow_type_that_one_build_alone_has_runs_on_it(api: Api, service: Service, project_id: str) -> None:
    old = WORK.replace("MARK", "A") + ECHO.replace("class Echo", "class Gone").replace("echo:", "A:")
    new = WORK.replace("MARK", "B") + ECHO.replace("class Echo", "class Added").replace("echo:", "B:")
    api.deploy(project_id, "work", {"version": "A", "workflowCode": old})
    body = {"version": "B", "workflowCode": new, "ramp": 50}
    api.put(f"/projects/{project_id}/workflows/work", body, expect=200)
    sides = Sides(service, project_id)
    for workflow_type, ids, result in (("Added", sides.old[:3], "B: x"), ("Gone", sides.new[:3], "A: x")):
        for workflow_id in ids:
            begin(api, project_id, workflow_id, workflow_type, "x")
            assert api.outcome(project_id, workflow_id)["result"] == result
    body = {"workflowType": "Nothing"}
    answer = refused(api, "POST", f"/projects/{project_id}/executions", body, 404, "Added, Chain, Gone, Retried, Work")
    assert answer["code"] == "workflow_type_not_found"
