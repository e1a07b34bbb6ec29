"""Calls that come at the same time leave database and host in one mind."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

from support import greeting
from support.refusals import dump
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api, eventually, unique_id


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make the calls at the same moment, each in a thread of its own, and return their answers."""
    barrier = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as executor:
        return [future.result() for future in [executor.submit(call, one) for one in calls]]


def _workers(service: Service, project_id: str) -> list[str]:
    query = text("SELECT status FROM workflow_workers WHERE project_id = :id ORDER BY started_at")
    with service.store.database.reading() as session:
        return list(session.scalars(query, {"id": project_id}))


def test_a_hundred_starts_at_once_record_one_worker(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, start=False)
    start = {"projectId": project_id}
    answers = at_once(*[lambda: api.post("/workers/start", start, expect=200)] * 100)
    assert len({answer["message"] for answer in answers}) == 1
    assert _workers(service, project_id) == ["running"]
    assert api.get("/workers") == {"workers": [project_id], "count": 1}


def test_a_storm_of_commands_leaves_what_the_database_says(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, start=False)

    def command(path: str) -> Callable[[], Any]:
        return lambda: api.post(path, {"projectId": project_id})

    for _ in range(3):
        at_once(*[command(f"/workers/{name}") for name in ("start", "stop", "restart", "stop", "start", "stop") * 3])
        wanted = api.get(f"/projects/{project_id}")["desiredState"]
        eventually(lambda wanted=wanted: api.get(f"/workers/status/{project_id}")["status"] == wanted)  # type: ignore[misc]
        eventually(lambda wanted=wanted: _workers(service, project_id).count("running") == (wanted == "running"))  # type: ignore[misc]


def test_of_two_publishes_at_once_one_wins_and_the_other_is_told_the_winners_build(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)
    conflicts = 0
    for version in range(20):
        paths = [f"/projects/{project_id}/workflows/{name}" for name in ("echo", "greeting")]
        bodies = [
            {"version": f"{version}.1", "workflowCode": ECHO.replace("echo:", f"{version}:")},
            greeting(f"{version}"),
        ]
        put = [
            lambda path=path, body=body: api.client.put(path, json=body)
            for path, body in zip(paths, bodies, strict=True)
        ]
        answers = sorted(at_once(*put), key=lambda answer: answer.status_code)
        winner, other = (answer.get_json() for answer in answers)
        assert answers[0].status_code == 200
        if answers[1].status_code == 409:
            conflicts += 1
            assert (other["code"], other["buildId"]) == ("publish_conflict", winner["buildId"])
            assert api.get(f"/workers/status/{project_id}")["buildId"] == winner["buildId"]
    assert conflicts > 0


def test_publishes_at_once_that_are_repeated_until_they_win_all_end_up_in_the_current_build(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)

    def publish(number: int) -> Callable[[], Any]:
        code = ECHO.replace("class Echo", f"class Echo{number}")
        path = f"/projects/{project_id}/workflows/echo-{number}"

        def wins() -> Any:
            answer = api.client.put(path, json={"version": "1", "workflowCode": code})
            assert answer.status_code in (200, 409), answer.get_json()
            return answer.status_code == 200 and answer.get_json()["buildId"]

        return lambda: eventually(wins)

    built = at_once(*[publish(number) for number in range(8)])
    assert len(set(built)) == 8
    status = api.get(f"/workers/status/{project_id}")
    build = service.store.builds.get(project_id, status["buildId"])
    assert build is not None
    assert set(build.workflow_types) == {"Echo", *(f"Echo{number}" for number in range(8))}
    assert service.store.projects.get(project_id).current_build == build.id


def test_of_two_codes_of_one_version_at_once_one_is_stored_and_one_refused(
    api: Api, service: Service, project_id: str
) -> None:
    api.put(f"/projects/{project_id}")

    def publish(mark: str) -> Callable[[], int]:
        body = {**greeting(mark), "version": "1"}
        return lambda: api.client.put(f"/projects/{project_id}/workflows/greeting", json=body).status_code

    assert sorted(at_once(publish("A"), publish("B"))) == [200, 409]


def test_the_same_publish_at_once_is_stored_once(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    body = {"version": "1", "workflowCode": ECHO}
    path = f"/projects/{project_id}/workflows/echo"
    answers = at_once(*[lambda: api.put(path, body, expect=200)] * 10)
    assert len({answer["buildId"] for answer in answers}) == 1
    before = dump(service)
    again = api.put(path, body, expect=200)
    assert (again["buildId"], again["changed"]) == (answers[0]["buildId"], False)
    assert dump(service) == before


def test_a_project_created_at_once_is_created_once(api: Api, project_id: str) -> None:
    statuses = at_once(*[lambda: api.client.put(f"/projects/{project_id}", json={}).status_code] * 10)
    assert sorted(statuses) == [200] * 9 + [201]


def test_of_projects_that_ask_for_one_queue_at_once_one_gets_it(api: Api) -> None:
    queue = unique_id("queue")
    ids = [unique_id("p") for _ in range(8)]
    put = [lambda each=each: api.client.put(f"/projects/{each}", json={"taskQueue": queue}).status_code for each in ids]
    assert sorted(at_once(*put)) == [201] + [409] * 7


def test_starts_beside_a_delete_leave_no_worker_of_a_project_that_is_gone(api: Api, project_id: str) -> None:
    start = {"projectId": project_id}
    for _ in range(5):
        api.deploy(project_id, start=False)
        at_once(
            *[lambda: api.client.post("/workers/start?timeout=5", json=start).status_code] * 4,
            lambda: api.delete(f"/projects/{project_id}"),
        )
        eventually(lambda: api.get("/workers")["count"] == 0)
        api.get(f"/projects/{project_id}", expect=404)
