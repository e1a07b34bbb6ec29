"""The host makes the desired state so, and settles what dead hosts left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from support import host_record, worker_record
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store.models import WorkerRow
from workerhost.testing import Api, eventually, unique_id


def _set_desired_state(service: Service, project_id: str, state: str) -> None:
    with service.store.database.writing() as session:
        values = {"id": project_id, "state": state}
        session.execute(text("UPDATE projects SET desired_state = :state WHERE id = :id"), values)


def _worker_row(service: Service, worker_id: str) -> Any:
    with service.store.database.reading() as session:
        row = session.get_one(WorkerRow, worker_id)
        return row.status, row.stopped_at, row.details.get("reason")


def _abandoned_worker(service: Service, host_id: str) -> str:
    """Write the row of a running worker as a host that was killed leaves it."""
    worker_id = unique_id("worker")
    service.store.workers.save([worker_record(worker_id, "gone", host_id)])
    return worker_id


def test_what_the_database_says_should_run_is_started_and_stopped(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id, start=False)
    _set_desired_state(service, project_id, "running")
    eventually(lambda: api.get("/workers") == {"workers": [project_id], "count": 1})
    _set_desired_state(service, project_id, "stopped")
    eventually(lambda: api.get("/workers") == {"workers": [], "count": 0})


def test_a_project_that_cannot_run_keeps_no_other_from_running(api: Api, service: Service, project_id: str) -> None:
    broken = unique_id("broken")
    for each in (project_id, broken):
        api.deploy(each, start=False)
    with service.store.database.writing() as session:
        session.execute(text("UPDATE projects SET settings = '[1]' WHERE id = :id"), {"id": broken})
    for each in (project_id, broken):
        _set_desired_state(service, each, "running")
    eventually(lambda: api.get(f"/workers/status/{broken}")["status"] == "failed")
    assert "settings" in api.get(f"/workers/status/{broken}")["error"]
    eventually(lambda: api.get("/workers")["workers"] == [project_id])


def test_new_settings_take_effect_without_dropping_a_run(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    before = api.get(f"/workers/status/{project_id}")["workerId"]
    run = api.begin(project_id, "Echo", "hello")
    api.put(f"/projects/{project_id}", {"settings": {"maxConcurrentActivities": 3}})

    eventually(lambda: api.get(f"/workers/status/{project_id}")["workerId"] != before)
    eventually(lambda: api.get(f"/workers/status/{project_id}")["isRunning"])
    assert api.outcome(project_id, run)["result"] == "echo: hello"


def test_workers_of_a_process_that_is_gone_are_settled_by_other_hosts_at_once(
    service: Service, settings: Settings
) -> None:
    """Its process id lives on in another process, here in this very one, which began before the host registered."""
    me = service.host.membership.me
    dead = replace(me, id=unique_id("host"), started_at=datetime(2000, 1, 1, tzinfo=UTC))
    alive = replace(me, id=unique_id("host"))
    of_dead, of_alive = _abandoned_worker(service, dead.id), _abandoned_worker(service, alive.id)
    for host in (dead, alive):
        service.store.hosts.register(host)
    eventually(lambda: _worker_row(service, of_dead)[0] == "stopped")
    assert "process ended" in _worker_row(service, of_dead)[2]
    assert _worker_row(service, of_alive)[0] == "running"


def test_a_host_without_heartbeat_is_forgotten_with_the_reason_on_its_workers(service: Service) -> None:
    silent = host_record(unique_id("host"))
    worker_id = _abandoned_worker(service, silent.id)
    service.store.hosts.register(silent)
    eventually(lambda: _worker_row(service, worker_id)[0] == "stopped")
    assert "heartbeats" in _worker_row(service, worker_id)[2]
    eventually(lambda: silent.id not in [host.id for host in service.store.hosts.all(60)])


def test_workers_of_hosts_that_nobody_knows_are_settled(service: Service) -> None:
    worker_id = _abandoned_worker(service, unique_id("host"))
    service.store.workers.mark_orphans()
    assert _worker_row(service, worker_id)[0] == "running", "it has just been seen"
    with service.store.database.writing() as session:
        session.get_one(WorkerRow, worker_id).last_heartbeat = datetime(2026, 1, 1, tzinfo=UTC)
    service.store.workers.mark_orphans()
    assert _worker_row(service, worker_id)[0] == "stopped"


def test_heartbeats_move_on(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    first = api.get(f"/workers/status/{project_id}")["lastHeartbeat"]
    eventually(lambda: api.get(f"/workers/status/{project_id}")["lastHeartbeat"] > first)


def test_a_host_that_was_taken_for_dead_registers_again_and_goes_on(
    api: Api, service: Service, project_id: str
) -> None:
    """As after a sleep that was longer than the lease."""
    api.deploy(project_id)
    worker_id = api.get(f"/workers/status/{project_id}")["workerId"]
    service.store.workers.mark_lost([service.host.id], "it was silent")
    service.store.hosts.remove([service.host.id])
    eventually(lambda: service.host.id in [host.id for host in service.store.hosts.all(60)])
    eventually(lambda: api.get(f"/workers/status/{project_id}")["workerId"] == worker_id)
    eventually(lambda: [lease.worker_id for lease in service.store.leases.wanted()[0].leases] == [worker_id])
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


@contextmanager
def _database_away(service: Service) -> Iterator[None]:
    """Take the folder of the database away: connections that are open are closed, and no new one can be opened."""
    folder = Path(str(service.store.database.url.database)).parent
    aside = folder.rename(folder.with_suffix(".aside"))
    service.store.close()
    try:
        yield
    finally:
        aside.rename(folder)


def test_running_projects_go_on_while_the_database_is_away(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)

    async def run(client: Any) -> Any:
        return await client.execute_workflow("Echo", "hello", id=unique_id("away"), task_queue=f"{project_id}-queue")

    with _database_away(service):
        eventually(lambda: api.client.get("/projects").status_code == 503)
        error = api.get("/projects", expect=503)
        assert error["code"] == "database_unavailable"
        assert service.temporal.call(run) == "echo: hello"
        assert api.get("/health")["status"] == "ok"
        assert api.get("/ready", expect=503)["checks"]["temporal"] == "ok"
    eventually(lambda: api.client.get("/ready").status_code == 200)
    assert api.run(project_id, "Echo", "again") == "echo: again"


def test_a_run_that_begins_right_after_a_restart_is_not_handed_to_the_worker_that_ends(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)
    for _ in range(20):
        api.post("/workers/restart", {"projectId": project_id})
        run = api.begin(project_id, "Echo", "x")
        assert api.outcome(project_id, run)["status"] == "COMPLETED"
        assert _lost_tasks(service, run) == []


def _lost_tasks(service: Service, workflow_id: str) -> list[int]:
    async def lost(client: Client) -> list[int]:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        timed_out = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
        return [event.event_id for event in history.events if event.event_type == timed_out]

    return service.temporal.call(lost)


def test_starts_of_projects_that_do_not_exist_leave_nothing_behind(api: Api, service: Service) -> None:
    for number in range(20):
        api.post("/workers/start", {"projectId": f"nobody-{number}"}, expect=404)
    assert len(service.project_commands._starting) == 0
