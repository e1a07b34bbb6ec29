"""Hosts are killed while they publish, try a build or move runs: one truth is left, and no run is lost."""

import asyncio
import random
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from support import DATABASES, greeting
from support.fleet import Fleet
from support.journeys import (
    PARTS_OF_A_JOURNEY,
    Travellers,
    current_mark,
    host_process,
    journey,
    kill_all,
    legs,
    publish,
    results,
    two_hosts,
)
from support.postgresql import PostgreSQL
from support.processes import RestClient
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, unique_id

ROUNDS, ROUND_SECONDS = 6, 90
"""How often a host is killed, and how long it may take until all executions are on one build: an activity that died
with it is tried again after 30 s."""

LATEST_KILL_SECONDS = 0.4
"""A publish takes about half as long, so kills come before, during and after it."""


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _publish_and_kill(fleet: Fleet, project_id: str, mark: str, victim: Any, client: RestClient) -> bool:
    """Publish on a host that is killed at some moment; tell whether it had answered by then."""
    timer = threading.Timer(random.uniform(0, LATEST_KILL_SECONDS), victim.kill)
    timer.start()
    try:
        publish(client, project_id, mark)
    except httpx.HTTPError:
        return False
    else:
        return True
    finally:
        timer.join()


def _mark_of_all(fleet: Fleet, client: RestClient, project_id: str) -> str | None:
    """Return the version that is deployed, if all executions that begin now run on it.

    A database goes on with what the host had sent before it was killed, so another version may be deployed a moment
    later.
    """
    found = current_mark(client, project_id)
    return found if legs(fleet.temporal.address, project_id, 5) == [[found] * 4] * 5 else None


def test_a_host_that_is_killed_while_it_publishes_leaves_one_truth(fleet: Fleet) -> None:
    project_id, [(_, here), (server, there)] = two_hosts(fleet)
    mark = "v0"
    travellers = Travellers(fleet.temporal.address, project_id, 60)
    with travellers.travelling():
        for number in range(1, ROUNDS + 1):
            is_answered = _publish_and_kill(fleet, project_id, f"v{number}", host_process(fleet, server), there)
            found = eventually(lambda: _mark_of_all(fleet, here, project_id), ROUND_SECONDS)
            assert found in ({f"v{number}"} if is_answered else {mark, f"v{number}"})
            mark = found
            eventually(lambda: there.answers() and fleet.loads() == [1, 1] and fleet.is_settled())
            assert current_mark(there, project_id) == current_mark(here, project_id) == mark
    published = {event["message"] for event in here.call("GET", f"/projects/{project_id}/deployment")["events"]}
    marks = {result[0] for result in travellers.results}
    assert {f"journey {each}" for each in marks} <= published
    assert {tuple(result) for result in travellers.results} == {(each,) * PARTS_OF_A_JOURNEY for each in marks}


def test_a_host_that_is_killed_while_a_build_is_tried_loses_no_run_and_the_other_promotes_it(fleet: Fleet) -> None:
    project_id, [(_, here), (server, there)] = two_hosts(fleet)
    path = f"/projects/{project_id}/deployment"
    travellers = Travellers(fleet.temporal.address, project_id, 60)
    with travellers.travelling():
        there.call("PUT", f"/projects/{project_id}/workflows/journey", journey("v1") | {"ramp": 50})
        ramp = here.call("GET", path)["ramp"]
        kill_all(server)
        eventually(lambda: fleet.loads() == [1])
        left = here.call("GET", path)["ramp"]
        assert {**left, "outcomes": None} == {**ramp, "outcomes": None}
        shares = {tuple(leg) for leg in legs(fleet.temporal.address, project_id, 40)}
        assert shares == {("v0",) * 4, ("v1",) * 4}
        here.call("POST", f"{path}/promote")
        assert legs(fleet.temporal.address, project_id, 20) == [["v1"] * 4] * 20
    assert current_mark(here, project_id) == "v1"
    assert {tuple(each) for each in travellers.results} <= {(each,) * PARTS_OF_A_JOURNEY for each in ("v0", "v1")}


MANY = 200
EVENTS_OF_A_FIRST_STEP = 12


def test_a_move_of_many_runs_is_completed_by_another_host_when_its_own_is_killed(fleet: Fleet) -> None:
    _, here = fleet.serve()
    server, there = fleet.serve()
    project_id = _greeters(here, replicas=2)
    eventually(lambda: fleet.loads() == [1, 1] and fleet.is_settled())
    begun = _waiting_greetings(fleet, project_id)
    path = _begin_move(there, project_id)
    kill_all(server)
    assert here.call("GET", path)["status"] == "running"
    _all_are_moved(fleet, here, path, begun)


def test_a_move_of_many_runs_goes_on_when_the_database_is_back(
    tmp_path: Path, temporal: EmbeddedTemporal, own_postgresql: PostgreSQL
) -> None:
    fleet = Fleet(tmp_path, temporal, own_postgresql.create_database())
    try:
        _, client = fleet.serve()
        project_id = _greeters(client, replicas=1)
        begun = _waiting_greetings(fleet, project_id)
        path = _begin_move(client, project_id)
        own_postgresql.stop()
        assert client.refused("GET", path)["code"] == "database_unavailable"
        own_postgresql.start()
        returned = datetime.now(UTC)
        report = _all_are_moved(fleet, client, path, begun)
        assert datetime.fromisoformat(report["endedAt"]) > returned
    finally:
        fleet.close()


def _greeters(client: RestClient, replicas: int) -> str:
    project_id = unique_id("project")
    client.deploy(project_id, "greeting", greeting("A"), settings={"replicas": replicas})
    return project_id


def _waiting_greetings(fleet: Fleet, project_id: str) -> list[str]:
    """Begin many runs, and return their workflow ids when each waits for a word."""
    begun = asyncio.run(_begin_greetings(fleet.temporal.address, project_id))
    eventually(lambda: asyncio.run(_are_waiting(fleet.temporal.address, project_id, begun)))
    return begun


def _begin_move(client: RestClient, project_id: str) -> str:
    """Publish, begin to move all runs there, and return the path of the report when some are moved."""
    deployment = f"/projects/{project_id}/deployment"
    old = client.call("GET", deployment)["currentBuild"]
    new = client.call("PUT", f"/projects/{project_id}/workflows/greeting", greeting("B"))["buildId"]
    move = client.call("POST", f"{deployment}/move?timeout=0", {"from": old, "to": new})
    path = f"{deployment}/moves/{move['moveId']}"
    eventually(lambda: client.call("GET", path)["moved"] > 0)
    return path


def _all_are_moved(fleet: Fleet, client: RestClient, path: str, begun: list[str]) -> Any:
    """Wait for the end of the move, and for those of the runs; return the report."""
    report = eventually(lambda: (found := client.call("GET", path))["status"] != "running" and found, 60)
    assert (report["status"], report["moved"], report["notMoved"]) == ("completed", MANY, [])
    asyncio.run(_say_bye(fleet.temporal.address, begun))
    ended = results(fleet.temporal.address, begun)
    assert ended == [["B", f"{number} from A", "bye from B"] for number in range(MANY)]
    return report


async def _begin_greetings(address: str, project_id: str) -> list[str]:
    client = await Client.connect(address)
    queue = f"{project_id}-queue"
    begun = [
        client.start_workflow("Greeting", str(number), id=unique_id(project_id), task_queue=queue)
        for number in range(MANY)
    ]
    return [handle.id for handle in await asyncio.gather(*begun)]


async def _are_waiting(address: str, project_id: str, workflow_ids: list[str]) -> bool:
    """Tell whether all are listed with their builds and have done their first step."""
    client = await Client.connect(address)
    query = f"TaskQueue = '{project_id}-queue' AND ExecutionStatus = 'Running' AND TemporalChangeVersion IS NOT NULL"
    if (await client.count_workflows(query)).count < MANY:
        return False
    described = await asyncio.gather(*(client.get_workflow_handle(each).describe() for each in workflow_ids))
    return all(each.history_length >= EVENTS_OF_A_FIRST_STEP for each in described)


async def _say_bye(address: str, workflow_ids: list[str]) -> None:
    client = await Client.connect(address)
    await asyncio.gather(*(client.get_workflow_handle(each).signal("say", "bye") for each in workflow_ids))
