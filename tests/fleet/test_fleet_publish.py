"""A publish is over when it is answered: from then on every new run on every host takes it, and no other run does."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import DATABASES
from support.fleet import Fleet
from support.journeys import (
    PARTS_OF_A_JOURNEY,
    Travellers,
    begin_legs,
    current_mark,
    held_back,
    host_process,
    journey,
    legs,
    publish,
    put_to_sleep,
    results,
    two_hosts,
)
from support.postgresql import PostgreSQL
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id


class TestOnBothDatabases:
    @pytest.fixture(params=DATABASES)
    def database_kind(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_thirty_publishes_are_each_taken_by_all_runs_that_begin_after_the_answer(self, fleet: Fleet) -> None:
        project_id, servers = two_hosts(fleet)
        clients = [client for _, client in servers]

        def begin(number: int) -> str:
            path, body = f"/projects/{project_id}/executions", {"workflowType": "Leg", "args": [0]}
            return str(clients[number % 2].call("POST", path, body)["workflowId"])

        with ThreadPoolExecutor(6) as threads:
            for number in range(1, 31):
                publish(clients[number % 2], project_id, f"v{number}")
                begun = list(threads.map(begin, range(6)))
                assert results(fleet.temporal.address, begun) == [[f"v{number}"] * 4] * 6
        assert [current_mark(client, project_id) for client in clients] == ["v30", "v30"]

    def test_a_host_that_slept_during_a_publish_takes_no_new_run_on_the_old_build(self, fleet: Fleet) -> None:
        project_id, [(_, client), (sleeping, _)] = two_hosts(fleet)
        process = host_process(fleet, sleeping)
        put_to_sleep(fleet, process)
        publish(client, project_id, "v1")
        before = begin_legs(fleet.temporal.address, project_id, 20)
        eventually(lambda: held_back(fleet.temporal.address, before))  # given to the host that sleeps
        process.resume()
        after = begin_legs(fleet.temporal.address, project_id, 20)
        assert results(fleet.temporal.address, [*before, *after]) == [["v1"] * 4] * 40

    def test_executions_keep_their_build_through_many_publishes_and_restarts(self, fleet: Fleet) -> None:
        project_id, servers = two_hosts(fleet)
        clients = [client for _, client in servers]
        travellers = Travellers(fleet.temporal.address, project_id, 300)
        with travellers.travelling():
            for number in range(1, 13):
                publish(clients[number % 2], project_id, f"v{number}")
                if number % 4 == 0:
                    clients[number % 2].call("POST", "/workers/restart", {"projectId": project_id})
                eventually(lambda number=number: len(travellers.results) >= 14 * number)  # type: ignore[misc]
        builds = {tuple(result) for result in travellers.results}
        assert builds <= {(f"v{number}",) * PARTS_OF_A_JOURNEY for number in range(13)}
        assert len(builds) > 6


def test_hosts_that_join_while_publishes_go_on_take_the_current_build(fleet: Fleet) -> None:
    _, client = fleet.serve()
    project_id = unique_id("project")
    client.deploy(project_id, "journey", journey("v0"), settings={"replicas": 3})
    number = 0
    with ThreadPoolExecutor(2) as threads:
        joining = [threads.submit(fleet.host) for _ in range(2)]
        while fleet.loads() != [1, 1, 1]:
            number += 1
            publish(client, project_id, f"v{number}")
            assert legs(fleet.temporal.address, project_id, 10) == [[f"v{number}"] * 4] * 10
        assert all(each.result() for each in joining)
    assert number > 0
    assert legs(fleet.temporal.address, project_id, 30) == [[f"v{number}"] * 4] * 30


def test_a_publish_while_temporal_is_away_is_answered_and_taken_when_it_is_back(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    port = free_port()
    server = EmbeddedTemporal(tmp_path / "temporal", port, None)
    server.start()
    fleet = Fleet(tmp_path, server, postgresql.create_database())
    try:
        project_id, [(_, here), (_, there)] = two_hosts(fleet)
        assert legs(server.address, project_id, 2) == [["v0"] * 4] * 2
        server.stop()
        publish(here, project_id, "v1")
        assert current_mark(there, project_id) == "v1"
        server = EmbeddedTemporal(tmp_path / "temporal", port, None)
        server.start()
        eventually(lambda: here.answers("/ready"))  # it takes connections a moment before it is ready
        assert legs(server.address, project_id, 20) == [["v1"] * 4] * 20
    finally:
        fleet.close()
        server.stop()
