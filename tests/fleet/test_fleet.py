"""Many hosts share the projects: real processes, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import DATABASES, greeting
from support.fleet import Fleet, Load
from workerhost.testing import eventually, unique_id


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _ids(count: int) -> list[str]:
    return [unique_id("project") for _ in range(count)]


def test_projects_are_spread_over_the_hosts_of_one_machine(fleet: Fleet) -> None:
    _, client = fleet.serve("--workers", "3")
    for project_id in (projects := _ids(9)):
        client.deploy(project_id)
    eventually(lambda: fleet.loads() == [3, 3, 3])
    hosts = client.call("GET", "/hosts")
    assert hosts["count"] == 3
    assert {host["status"] for host in hosts["hosts"]} == {"live"}
    assert len({host["processId"] for host in hosts["hosts"]}) == 3
    assert client.call("GET", "/workers") == {"workers": sorted(projects), "count": 9}
    for project_id in projects:
        assert client.run(project_id, "Echo", "hello") == "echo: hello"


def test_any_host_answers_for_any_project(fleet: Fleet) -> None:
    """The first serves the API only, since it has no capacity for a second project; the other one does the work."""
    _, here = fleet.serve("--capacity", "1")
    _, there = fleet.serve()
    occupying, project_id = _ids(2)
    here.deploy(occupying)
    eventually(lambda: fleet.loads() == [0, 1])
    there.deploy(project_id, "greeting", greeting("A"))
    path = f"/workers/status/{project_id}"
    first = here.call("GET", path)
    assert {**first, "lastHeartbeat": None} == {**there.call("GET", path), "lastHeartbeat": None}
    assert first["isRunning"]

    run = here.call("POST", f"/projects/{project_id}/executions", {"workflowType": "Greeting", "args": ["x"]})
    here.call("PUT", f"/projects/{project_id}/workflows/greeting", greeting("B"))
    for client in (here, there):
        begun = client.call("POST", f"/projects/{project_id}/executions", {"workflowType": "Greeting", "args": ["y"]})
        execution = f"/projects/{project_id}/executions/{begun['workflowId']}"
        client.call("POST", f"{execution}/signal", {"name": "say", "args": ["bye"]})
        assert client.call("GET", f"{execution}?wait=20")["result"] == ["B", "y from B", "bye from B"]
    here.call("POST", f"/projects/{project_id}/executions/{run['workflowId']}/terminate")

    here.call("POST", "/workers/restart", {"projectId": project_id})
    restarted = there.call("GET", path)
    assert restarted["isRunning"]
    assert restarted["workerId"] != first["workerId"]
    for client in (here, there):
        client.call("POST", "/workers/stop", {"projectId": project_id})
        assert client.call("GET", path)["status"] == "stopped"
        client.call("POST", "/workers/start", {"projectId": project_id})
        assert client.call("GET", path)["status"] == "running"


def test_replicas_run_on_as_many_hosts_and_change_without_failing_a_run(fleet: Fleet) -> None:
    _, client = fleet.serve("--workers", "3")
    [project_id] = _ids(1)
    client.deploy(project_id, settings={"replicas": 2})
    status = f"/workers/status/{project_id}"
    eventually(lambda: client.call("GET", status)["replicas"] == {"wanted": 2, "running": 2})
    with Load(fleet.temporal.address, [f"{project_id}-queue"], "Echo", "x").running() as load:
        for replicas, expected in ((3, [1, 1, 1]), (1, [0, 0, 1]), (5, [1, 1, 1])):
            client.call("PUT", f"/projects/{project_id}", {"settings": {"replicas": replicas}})
            eventually(lambda expected=expected: fleet.loads() == expected and fleet.is_settled())  # type: ignore[misc]
    assert load.failures == []
    assert set(load.results) == {"echo: x"}


def test_a_project_runs_on_hosts_of_its_pool_alone(fleet: Fleet) -> None:
    _, client = fleet.serve()
    [project_id] = _ids(1)
    client.call("PUT", f"/projects/{project_id}", {"settings": {"pool": "own"}})
    client.call("PUT", f"/projects/{project_id}/workflows/greeting", greeting("A"))
    waiting = client.call("POST", "/workers/start?timeout=0.5", {"projectId": project_id})
    assert "no live host serves the pool own" in waiting["message"]
    assert "--pool own" in client.call("GET", f"/workers/status/{project_id}")["error"]

    own = fleet.host("--pool", "own")
    eventually(lambda: client.call("GET", f"/workers/status/{project_id}")["isRunning"])
    assert fleet.process_of(project_id) == own.pid

    client.call("PUT", f"/projects/{project_id}", {"settings": {}})
    eventually(lambda: fleet.process_of(project_id) not in (None, own.pid) and fleet.is_settled())
    client.call("PUT", f"/projects/{project_id}", {"settings": {"pool": "own"}})
    eventually(lambda: fleet.process_of(project_id) == own.pid and fleet.is_settled())


def test_load_moves_to_a_host_that_joins_and_back_when_it_leaves(fleet: Fleet) -> None:
    _, client = fleet.serve()
    for project_id in (projects := _ids(8)):
        client.deploy(project_id)
    with Load(fleet.temporal.address, [f"{each}-queue" for each in projects], "Echo", "x").running() as load:
        joining = fleet.host()
        eventually(lambda: fleet.loads() == [4, 4] and fleet.is_settled(), 30)
        assert joining.end() == 0
        assert "others take over" in joining.output
        assert fleet.loads() == [8]
    assert load.failures == []
    assert len(load.results) > 8


def test_the_same_project_started_by_two_processes_at_once_runs_once(fleet: Fleet) -> None:
    clients = [fleet.serve()[1] for _ in range(2)]
    [project_id] = _ids(1)
    clients[0].deploy(project_id)
    body = {"projectId": project_id}
    with ThreadPoolExecutor(2) as threads:
        for _ in range(100):
            clients[0].call("POST", "/workers/stop", body)
            answers = list(threads.map(lambda client: client.call("POST", "/workers/start", body), clients))
            assert [answer["message"] for answer in answers] == [f"Worker started for project {project_id}"] * 2
            rows = fleet.store.workers.alive(project_id)
            assert [row.status for row in rows] == ["running"], rows
    assert clients[1].run(project_id, "Echo", "hello") == "echo: hello"
