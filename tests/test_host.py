"""The host makes the desired state so, and settles what dead hosts left behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from support import Api, eventually, unique_id
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store import WorkerRecord


def _set_desired_state(service: Service, project_id: str, state: str) -> None:
    with service.store.database.writing() as session:
        values = {"id": project_id, "state": state}
        session.execute(text("UPDATE projects SET desired_state = :state WHERE id = :id"), values)


def _worker_row(service: Service, worker_id: str) -> Any:
    with service.store.database.reading() as session:
        query = text("SELECT status, stopped_at, metadata FROM workflow_workers WHERE worker_id = :id")
        return session.execute(query, {"id": worker_id}).one()


def _abandoned_worker(service: Service, host_id: str) -> str:
    """Write the row of a running worker as a host that was killed leaves it."""
    worker_id = unique_id("worker")
    service.store.workers.save(
        [
            WorkerRecord(
                worker_id=worker_id,
                project_id="gone",
                task_queue="gone-queue",
                status="running",
                host_id=host_id,
                machine="elsewhere",
                process_id=1,
                started_at=datetime.now(UTC),
            )
        ]
    )
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


def test_workers_of_a_host_without_heartbeat_are_marked_with_the_reason(service: Service) -> None:
    worker_id = _abandoned_worker(service, unique_id("host"))
    service.store.workers.mark_stale(datetime.now(UTC) + timedelta(seconds=1))
    status, stopped_at, metadata = _worker_row(service, worker_id)
    assert status == "stopped"
    assert stopped_at is not None
    assert "heartbeat" in metadata


def test_workers_of_a_process_that_is_gone_are_settled_when_the_next_host_starts(
    service: Service, settings: Settings
) -> None:
    """Its process id lives on in another process, here in this very one, which began before the host registered."""
    dead, alive = unique_id("host"), unique_id("host")
    for host_id in (dead, alive):
        service.store.hosts.register(host_id, service.host.machine, os.getpid())
    with service.store.database.writing() as session:
        values = {"id": dead, "at": "2000-01-01 00:00:00.000000"}
        session.execute(text("UPDATE hosts SET started_at = :at WHERE id = :id"), values)
    of_dead, of_alive = _abandoned_worker(service, dead), _abandoned_worker(service, alive)

    second = Service(settings)
    second.start()
    assert second.stop()
    assert _worker_row(service, of_dead).status == "stopped"
    assert "process ended" in _worker_row(service, of_dead).metadata
    assert _worker_row(service, of_alive).status == "running"


def test_the_stale_job_marks_them_by_itself(service: Service) -> None:
    worker_id = _abandoned_worker(service, unique_id("host"))
    with service.store.database.writing() as session:
        long_ago = {"id": worker_id, "at": "2026-01-01 00:00:00.000000"}
        session.execute(text("UPDATE workflow_workers SET last_heartbeat = :at WHERE worker_id = :id"), long_ago)
    eventually(lambda: _worker_row(service, worker_id).status == "stopped")


def test_a_beating_host_and_its_workers_are_not_stale(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    worker_id = api.get(f"/workers/status/{project_id}")["workerId"]
    service.host.beat()
    assert service.store.workers.mark_stale(datetime.now(UTC) - timedelta(seconds=3)) == 0
    assert _worker_row(service, worker_id).status == "running"


def test_heartbeats_move_on(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    first = api.get(f"/workers/status/{project_id}")["lastHeartbeat"]
    eventually(lambda: api.get(f"/workers/status/{project_id}")["lastHeartbeat"] > first)


def test_a_host_whose_row_is_gone_registers_again(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    service.store.hosts.remove([service.host.id])
    eventually(lambda: service.host.id in [host.id for host in service.store.hosts.on_machine(service.host.machine)])


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
