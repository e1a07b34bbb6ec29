"""Hosts die, sleep and hang; databases and servers go away and come back. Nothing is lost and nobody gives up."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio.client import Client

from support import DATABASES
from support.fleet import Fleet, Load
from support.postgresql import PostgreSQL
from support.processes import RestClient
from support.slow_code import HOLD, SLOW, STEPS
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id


def _steps(mark: str) -> dict[str, str]:
    return {"version": mark, "workflowCode": STEPS.replace("MARK", mark)}


def _projects(client: RestClient, count: int) -> list[str]:
    projects = [unique_id("project") for _ in range(count)]
    for project_id in projects:
        client.deploy(project_id, "steps", _steps("A"))
    return projects


async def _begin(address: str, projects: list[str], count: int) -> list[str]:
    """Begin executions of three steps and return their workflow ids."""
    client = await Client.connect(address)

    async def begin(number: int) -> str:
        queue = f"{projects[number % len(projects)]}-queue"
        handle = await client.start_workflow("Steps", 3, id=f"{queue}-{number}", task_queue=queue)
        return handle.id

    return await asyncio.gather(*(begin(number) for number in range(count)))


async def _results(address: str, workflow_ids: list[str]) -> list[Any]:
    client = await Client.connect(address)
    handles = [client.get_workflow_handle(each) for each in workflow_ids]
    return await asyncio.gather(*(asyncio.wait_for(handle.result(), 90) for handle in handles))


class TestOnBothDatabases:
    @pytest.fixture(params=DATABASES)
    def database_kind(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_a_host_that_is_killed_loses_no_execution_and_each_ends_on_its_build(self, fleet: Fleet) -> None:
        _, client = fleet.serve()
        victim = fleet.host()
        projects = _projects(client, 4)
        eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled())
        begun = asyncio.run(_begin(fleet.temporal.address, projects, 200))
        eventually(lambda: asyncio.run(_has_begun(fleet.temporal.address, begun)))
        for project_id in projects:
            client.call("PUT", f"/projects/{project_id}/workflows/steps", _steps("B"))
        victim.end(signal.SIGKILL)
        eventually(lambda: fleet.loads() == [4])
        for result in asyncio.run(_results(fleet.temporal.address, begun)):
            assert result in (["A0", "A1", "A2"], ["B0", "B1", "B2"])
        for project_id in projects:
            assert client.run(project_id, "Steps", 1) == ["B0"]

    def test_a_host_that_sleeps_longer_than_its_lease_wakes_up_and_fits_in(self, fleet: Fleet) -> None:
        _, client = fleet.serve()
        sleeper = fleet.host()
        projects = _projects(client, 4)
        eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled())
        load = Load(fleet.temporal.address, [f"{each}-queue" for each in projects], "Steps", 2)
        with load.running():
            process = psutil.Process(sleeper.pid)
            process.suspend()
            eventually(lambda: fleet.loads() == [4])
            process.resume()
            eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled(), 40)
        assert load.failures == []
        assert {tuple(result) for result in load.results} == {("A0", "A1")}
        sleeper.wait_for("taken for dead")
        assert sleeper.end() == 0

    def test_a_rolling_restart_of_all_hosts_under_load_fails_nothing(self, fleet: Fleet) -> None:
        server, client = fleet.serve("--workers", "2")
        projects = _projects(client, 4)
        eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled())
        first = fleet.hosts()
        load = Load(fleet.temporal.address, [f"{each}-queue" for each in projects], "Steps", 2)
        with load.running():
            psutil.Process(server.pid).send_signal(signal.SIGHUP)
            unserved: list[str] = []

            def has_restarted() -> bool:
                unserved.extend(each for each in projects if not fleet.is_served(each))
                return not set(first) & set(fleet.hosts())

            eventually(has_restarted, 60)
            assert unserved == [], server.output
            eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled(), 40)
        assert load.failures == []
        assert {tuple(result) for result in load.results} == {("A0", "A1")}
        assert server.end() == 0


async def _has_begun(address: str, workflow_ids: list[str]) -> bool:
    """Tell whether the last of the executions has had its first task, which decides on its build."""
    client = await Client.connect(address)
    described = await client.get_workflow_handle(workflow_ids[-1]).describe()
    return described.history_length > 3


def test_a_host_that_hangs_is_replaced(fleet: Fleet) -> None:
    server, client = fleet.serve("--workers", "2", WORKERHOST_HANG_TIMEOUT="3")
    projects = _projects(client, 4)
    eventually(lambda: fleet.loads() == [2, 2])
    hanging = fleet.process_of(projects[0])
    assert hanging is not None
    psutil.Process(hanging).suspend()
    eventually(lambda: not psutil.pid_exists(hanging), 30)
    eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled(), 40)
    for project_id in projects:
        assert client.run(project_id, "Steps", 1) == ["A0"]
    assert server.end() == 0


def test_a_host_whose_interpreter_is_held_ends_soon_and_what_ran_is_named(fleet: Fleet) -> None:
    server, client = fleet.serve("--workers", "2", WORKERHOST_ISOLATION="thread")
    projects = _projects(client, 4)
    holding = unique_id("project")
    client.deploy(holding, "hold", {"version": "1", "workflowCode": HOLD})
    eventually(lambda: sorted(fleet.loads()) == [2, 3] and fleet.is_settled())
    held = fleet.process_of(holding)
    assert held is not None
    asyncio.run(_start(fleet.temporal.address, "Hold", holding))
    began = time.monotonic()
    eventually(lambda: not psutil.pid_exists(held), 30)
    assert time.monotonic() - began < 20  # it was 30 s
    eventually(lambda: sorted(fleet.loads()) == [2, 3] and fleet.is_settled(), 40)
    for project_id in projects:
        assert client.run(project_id, "Steps", 1) == ["A0"]
    server.wait_for(f"died while it ran: hold of project {holding}")
    status = eventually(lambda: (found := client.call("GET", f"/workers/status/{holding}"))["error"] and found)
    assert "died in the last hour, while these activities ran: hold" in status["error"]
    assert client.call("GET", f"/workers/status/{projects[0]}")["error"] is None
    assert server.end() == 0


async def _start(address: str, workflow_type: str, project_id: str) -> None:
    client = await Client.connect(address)
    await client.start_workflow(workflow_type, id=f"{project_id}-run", task_queue=f"{project_id}-queue")


def test_a_host_that_drains_is_not_taken_for_one_that_hangs(fleet: Fleet) -> None:
    server, client = fleet.serve(WORKERHOST_HANG_TIMEOUT="2")
    [first] = fleet.hosts()
    project_id = unique_id("project")
    client.deploy(project_id, "nap", {"version": "1", "workflowCode": SLOW})
    path = f"/projects/{project_id}/executions"
    client.call("POST", path, {"workflowType": "Nap", "args": [6], "workflowId": f"{project_id}-nap"})
    eventually(lambda: asyncio.run(_has_begun(fleet.temporal.address, [f"{project_id}-nap"])))
    psutil.Process(server.pid).send_signal(signal.SIGHUP)
    eventually(lambda: first not in fleet.hosts(), 40)
    assert client.call("GET", f"{path}/{project_id}-nap?wait=20")["result"] == "slept"
    assert client.run(project_id, "Nap", 0) == "slept"


def test_postgresql_goes_away_and_comes_back(
    tmp_path: Path, temporal: EmbeddedTemporal, own_postgresql: PostgreSQL
) -> None:
    fleet = Fleet(tmp_path, temporal, own_postgresql.create_database())
    try:
        server, client = fleet.serve()
        other = fleet.host()
        projects = _projects(client, 4)
        eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled())
        elsewhere = [each for each in projects if fleet.process_of(each) == other.pid]
        [here, *_] = set(projects) - set(elsewhere)

        own_postgresql.stop()
        load = Load(temporal.address, [f"{each}-queue" for each in projects], "Steps", 2)
        with load.running():
            eventually(lambda: client.status("/ready") == 503)
            answer = client.refused("PUT", f"/projects/{here}", {"name": "x"})
            assert answer == {
                "success": False,
                "error": "the database does not answer; the service goes on and tries again",
                "code": "database_unavailable",
            }
            assert client.call("GET", f"/workers/status/{here}")["isRunning"]
            there = client.call("GET", f"/workers/status/{elsewhere[0]}")
            assert there["isRunning"]
            assert "the database does not answer" in there["error"]
            assert client.status("/workers/status/nothing") == 503
            assert sorted(client.call("GET", "/workers")["workers"]) == sorted(set(projects) - set(elsewhere))
            eventually(lambda: len(load.results) > 60, 40)  # longer than a lease
            own_postgresql.start()
            eventually(lambda: client.status("/ready") == 200)
            client.call("PUT", f"/projects/{here}/workflows/steps", _steps("B"))
            assert client.run(here, "Steps", 1) == ["B0"]
        eventually(lambda: fleet.loads() == [2, 2] and fleet.is_settled(), 40)
        assert load.failures == []
        for process in (server, other):
            said = [line for line in process.output.splitlines() if "hosts.jobs" in line and "the database" in line]
            assert [sum(part in line for line in said) for part in ("does not answer;", "answers again")] == [1, 1]
        assert other.end() == 0
    finally:
        fleet.close()


def test_temporal_goes_away_and_comes_back(tmp_path: Path, postgresql: PostgreSQL) -> None:
    port = free_port()
    server = EmbeddedTemporal(tmp_path / "temporal", port, None)
    server.start()
    fleet = Fleet(tmp_path, server, postgresql.create_database())
    try:
        _, client = fleet.serve("--workers", "2")
        projects = _projects(client, 4)
        begun = asyncio.run(_begin(server.address, projects, 8))
        server.stop()
        answer = client.refused("POST", f"/projects/{projects[0]}/executions", {"workflowType": "Steps", "args": [1]})
        assert answer["code"] == "temporal_unavailable"
        restarted = client.call("POST", "/workers/restart?timeout=1", {"projectId": projects[0]})
        assert restarted["status"] == "starting"
        assert "Temporal does not answer" in restarted["message"]
        server = EmbeddedTemporal(tmp_path / "temporal", port, None)
        server.start()
        eventually(lambda: client.answers("/ready"))  # it takes connections a moment before it is ready
        assert {tuple(each) for each in asyncio.run(_results(server.address, begun))} == {("A0", "A1", "A2")}
        for project_id in projects:
            assert client.run(project_id, "Steps", 1) == ["A0"]
        eventually(lambda: client.call("GET", "/workers")["count"] == 4, 40)
    finally:
        fleet.close()
        server.stop()
