"""Two hosts on one database: what is asked of the one holds for the runs that the other serves."""

from collections.abc import Iterator

import pytest

from support import greeting
from support.runs import Runs
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually, running_service


@pytest.fixture
def runs(api: Api, service: Service, project_id: str) -> Runs:
    return Runs(api, service, project_id, "greeting", greeting("A"))


@pytest.fixture
def there(runs: Runs, settings: Settings, warm_process: WarmProcess) -> Iterator[Api]:
    """The API of another host, which does not run the project's worker."""
    with running_service(settings, warm_process=warm_process) as other:
        yield Api.of(other)
        assert serving(runs) == [runs.service.host.id]


def serving(runs: Runs) -> list[str]:
    """Return the hosts that run the project's worker."""
    return [row.host_id for row in runs.service.store.workers.alive(runs.project_id) if row.host_id]


@pytest.mark.parametrize("to", ["first", "last"])
def test_a_reset_onto_another_build_that_one_host_is_asked_for_holds_on_the_one_that_has_the_run(
    runs: Runs, there: Api, to: str
) -> None:
    assert serving(runs) == [runs.service.host.id]
    run = runs.begin_greeting("first")
    build = runs.publish(greeting("B"))
    runs.publish(greeting("C"))
    begun = there.post(f"{runs.path}/executions/{run}/reset", {"to": to, "build": build}, 202)
    eventually(lambda: runs.show(run)["buildId"] == build)
    assert runs.show(run)["runId"] == begun["runId"]
    there.post(f"{runs.path}/executions/{run}/signal", {"name": "say", "args": ["bye"]})
    assert runs.result(run) == ["B", "first from B" if to == "first" else "first from A", "bye from B"]


def test_a_batch_of_resets_onto_another_build_is_done_by_a_host_that_does_not_have_the_runs(
    runs: Runs, there: Api
) -> None:
    begun = [runs.begin_greeting("first") for _ in range(3)]
    runs.wait_until_listed(3)
    build = runs.publish(greeting("B"))
    body = {"operation": "reset", "filter": {"status": "RUNNING"}, "to": "last", "build": build}
    batch = f"{runs.path}/batches/{there.post(f'{runs.path}/batches', body)['batchId']}"
    report = eventually(lambda: (found := runs.api.get(batch))["endedAt"] and found)
    assert (report["done"], report["failures"]) == (3, [])
    for run in begun:
        runs.signal(run, "say", "bye")
        assert runs.result(run) == ["B", "first from A", "bye from B"]


def test_the_reset_of_a_run_is_seen_from_the_other_host(runs: Runs, there: Api) -> None:
    run = runs.begin_greeting("first")
    path = f"{runs.path}/executions/{run}"
    before = there.get(path)
    begun = runs.api.post(f"{path}/reset", {"to": "first"}, 202)
    eventually(lambda: there.get(path)["runId"] == begun["runId"])
    assert before["runId"] != begun["runId"]

    def has_greeted_again() -> bool:
        found = [each for each in there.get(f"{path}/steps")["steps"] if each["kind"] == "activity"]
        return [each["status"] for each in found] == ["completed"] and found[0]["closedAt"] > before["startedAt"]

    eventually(has_greeted_again)
    there.post(f"{path}/signal", {"name": "say", "args": ["bye"]})
    found = there.get(f"{path}?wait=20")
    assert (found["runId"], found["result"]) == (begun["runId"], ["A", "first from A", "bye from A"])

    def listed() -> list[str]:
        return [each["status"] for each in there.get(f"{runs.path}/executions")["executions"]]

    eventually(lambda: sorted(listed()) == ["COMPLETED", "TERMINATED"])


def test_a_pause_stops_the_workers_of_a_project_on_both_hosts_and_a_resume_starts_them(
    api: Api, service: Service, project_id: str, settings: Settings, warm_process: WarmProcess
) -> None:
    api.put(f"/projects/{project_id}", {"settings": {"replicas": 2}})
    api.deploy(project_id)
    path, status = f"/projects/{project_id}", f"/workers/status/{project_id}"
    with running_service(settings, warm_process=warm_process) as other:
        there = Api.of(other)
        eventually(lambda: api.get(status)["replicas"] == {"wanted": 2, "running": 2})
        hosts = {row.host_id for row in service.store.workers.alive(project_id)}
        assert hosts == {service.host.id, other.host.id}
        answer = there.post(f"{path}/pause", {"reason": "month's end"}, 200)
        assert answer["message"] == f"Project {project_id} is paused"
        assert list(service.store.workers.alive(project_id)) == [], "both have ended when the answer comes"
        run = api.begin(project_id, "Echo", "tea")
        for each in (api, there):
            assert each.get(status)["status"] == "stopped"
            assert each.get(f"{path}/executions/{run}")["stuck"]["code"] == "no_worker"
        api.post(f"{path}/resume", expect=200)
        assert there.outcome(project_id, run)["result"] == "echo: tea"
        eventually(lambda: there.get(status)["replicas"] == {"wanted": 2, "running": 2})
