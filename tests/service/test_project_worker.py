"""A project worker keeps trying, says why, drains, and can be stopped in any state."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from support import greeting
from workerhost import Project, hookimpl
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import ECHO, Api, eventually, free_port, running_service, unique_id

SLOW = """
import time
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def work(seconds: float) -> str:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(0.02)
    return "done"


@activity.defn(no_thread_cancel_exception=True)
def stubborn(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


@workflow.defn
class Slow:
    @workflow.run
    async def run(self, name: str, seconds: float) -> str:
        return await workflow.execute_activity(name, seconds, start_to_close_timeout=timedelta(seconds=30))
"""


class Interfering:
    """A plugin that fails when it configures a worker, until it is told to stop that."""

    def __init__(self) -> None:
        self.fails = True
        self.tries = 0
        self.told: list[str] = []

    @hookimpl
    def workerhost_configure_worker(self, project: Project) -> None:
        self.tries += 1
        if self.fails:
            raise RuntimeError("the licence server is away")

    @hookimpl
    def workerhost_after_worker_failed(self, project: Project, error: Exception) -> None:
        self.told.append(f"failed: {error}")

    @hookimpl
    def workerhost_after_worker_started(self, project: Project) -> None:
        self.told.append("started")

    @hookimpl
    def workerhost_after_worker_stopped(self, project: Project) -> None:
        self.told.append("stopped")


def _status(api: Api, project_id: str) -> Any:
    return api.get(f"/workers/status/{project_id}")


def test_a_worker_keeps_trying_and_says_why_while_temporal_is_away(
    settings: Settings, project_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedTemporal(tmp_path / "temporal", free_port(), None)
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.address)
    with running_service(settings) as service:
        api = Api.of(service)
        api.deploy(project_id, start=False)
        answer = api.post("/workers/start?timeout=0.3", {"projectId": project_id}, expect=202)
        assert answer["status"] == "starting"
        eventually(lambda: _status(api, project_id)["error"])
        assert f"Temporal does not answer at {server.address}" in _status(api, project_id)["error"]
        assert not _status(api, project_id)["isRunning"]
        assert api.get("/ready", expect=503)["checks"]["database"] == "ok"
        execution = {"workflowType": "Echo", "args": ["hello"]}
        assert api.post(f"/projects/{project_id}/executions", execution, expect=503)["code"] == "temporal_unavailable"

        server.start()
        try:
            eventually(lambda: _status(api, project_id)["status"] == "running")
            assert api.run(project_id, "Echo", "hello") == "echo: hello"
        finally:
            api.post("/workers/stop", {"projectId": project_id})
            server.stop()


def test_a_namespace_that_does_not_exist_is_named(
    settings: Settings, project_id: str, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nowhere")
    with running_service(settings) as service:
        api = Api.of(service)
        api.deploy(project_id, start=False)
        answer = api.post("/workers/start", {"projectId": project_id}, expect=500)
        assert "nowhere" in answer["error"]
        assert _status(api, project_id)["status"] == "failed"


def test_a_worker_that_failed_is_tried_again_and_plugins_are_told(
    settings: Settings, project_id: str, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    plugin = Interfering()
    with running_service(settings, {"interfering": plugin}) as service:
        api = Api.of(service)
        api.deploy(project_id, start=False)
        answer = api.post("/workers/start", {"projectId": project_id}, expect=500)
        assert "the licence server is away" in answer["error"]
        assert _status(api, project_id)["status"] == "failed"
        assert api.get("/workers") == {"workers": [], "count": 0}
        with service.store.database.reading() as session:
            query = text("SELECT status, metadata FROM workflow_workers WHERE project_id = :id")
            [(status, metadata)] = session.execute(query, {"id": project_id}).all()
        assert status == "failed"
        assert "the licence server is away" in metadata
        eventually(lambda: plugin.tries >= 2)

        plugin.fails = False
        eventually(lambda: _status(api, project_id)["status"] == "running")
        api.post("/workers/stop", {"projectId": project_id})
    assert plugin.told[-2:] == ["started", "stopped"]
    assert plugin.told[0].startswith("failed: ")


def test_a_start_does_not_wait_for_the_delay_after_a_failure(
    settings: Settings, project_id: str, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    plugin = Interfering()
    with running_service(settings, {"interfering": plugin}) as service:
        api = Api.of(service)
        api.deploy(project_id, start=False)
        for _ in range(3):
            api.post("/workers/start", {"projectId": project_id}, expect=500)
        plugin.fails = False
        api.post("/workers/start", {"projectId": project_id}, expect=200)


def test_a_stop_lets_a_running_activity_end(api: Api, project_id: str) -> None:
    api.deploy(project_id, "slow", {"version": "1", "workflowCode": SLOW})
    run = api.begin(project_id, "Slow", "work", 1)
    eventually(lambda: _pending_activity(api, project_id, run))
    api.post("/workers/stop", {"projectId": project_id})
    assert _status(api, project_id)["status"] == "stopped"

    api.post("/workers/start", {"projectId": project_id})
    assert api.outcome(project_id, run)["result"] == "done"
    assert _attempts(api, project_id, run) == 1


def test_an_activity_that_outlasts_the_drain_is_cancelled_and_tried_again_elsewhere(
    settings: Settings, project_id: str, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    with running_service(settings.model_copy(update={"drain_timeout": 0.5})) as service:
        api = Api.of(service)
        api.deploy(project_id, "slow", {"version": "1", "workflowCode": SLOW})
        run = api.begin(project_id, "Slow", "work", 4)
        eventually(lambda: _pending_activity(api, project_id, run))
        api.post("/workers/stop", {"projectId": project_id})
        assert _status(api, project_id)["status"] == "stopped"
        api.post("/workers/start", {"projectId": project_id})
        assert api.outcome(project_id, run)["result"] == "done"
        assert _attempts(api, project_id, run) == 2


def _pending_activity(api: Api, project_id: str, workflow_id: str) -> bool:
    async def pending(client: Any) -> bool:
        described = await client.get_workflow_handle(workflow_id).describe()
        return any(each.state == 2 for each in described.raw_description.pending_activities)  # 2 is STARTED

    return bool(_service(api).temporal.call(pending))


def _attempts(api: Api, project_id: str, workflow_id: str) -> int:
    async def attempts(client: Any) -> int:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
        return max(int(event.activity_task_started_event_attributes.attempt) for event in history.events)

    counted: int = _service(api).temporal.call(attempts)
    return counted


def _service(api: Api) -> Service:
    found = api.client.application.extensions["workerhost"]
    assert isinstance(found, Service)
    return found


def test_a_worker_that_is_stopped_while_it_starts_ends(
    settings: Settings, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    with running_service(settings) as service:
        api = Api.of(service)
        api.deploy(project_id, start=False)
        api.post("/workers/start?timeout=0", {"projectId": project_id}, expect=202)
        api.post("/workers/stop", {"projectId": project_id}, expect=200)
        api.post("/workers/stop", {"projectId": project_id}, expect=200)


def test_a_service_can_be_stopped_before_it_starts_and_twice(settings: Settings) -> None:
    service = Service(settings)
    assert service.stop()
    assert service.stop()


def test_a_hundred_starts_and_stops_leave_no_thread_behind(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    api.post("/workers/stop", {"projectId": project_id})
    for _ in range(100):
        api.post("/workers/start", {"projectId": project_id}, expect=200)
        api.post("/workers/stop", {"projectId": project_id}, expect=200)
    eventually(lambda: not [thread.name for thread in threading.enumerate() if project_id in thread.name])


def test_a_restart_replaces_the_worker_without_a_gap(api: Api, project_id: str) -> None:
    api.deploy(project_id)
    before = _status(api, project_id)["workerId"]
    answer = api.post("/workers/restart", {"projectId": project_id}, expect=200)
    assert answer == {"success": True, "message": f"Worker restarted for project {project_id}"}
    after = _status(api, project_id)
    assert after["isRunning"]
    assert after["workerId"] != before
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_a_restart_with_broken_code_is_refused_and_the_worker_goes_on(
    api: Api, service: Service, project_id: str
) -> None:
    api.deploy(project_id)
    with service.store.database.writing() as session:
        session.execute(
            text("UPDATE workflow_compiled_code SET workflow_code = 'x = (' WHERE workflow_id = :id"),
            {"id": f"{project_id}/echo"},
        )
    answer = api.post("/workers/restart", {"projectId": project_id}, expect=422)
    assert "echo.workflow, line 1" in answer["error"]
    assert _status(api, project_id)["isRunning"]
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


def test_two_projects_with_the_same_code_do_not_share_it(api: Api) -> None:
    first, second = unique_id("first"), unique_id("second")
    for project_id in (first, second):
        api.deploy(project_id, "greeting", greeting("A"))
    api.delete(f"/projects/{first}")
    run = api.begin(second, "Greeting", "hello")
    api.post(f"/projects/{second}/executions/{run}/signal", {"name": "say", "args": ["bye"]})
    assert api.outcome(second, run)["result"] == ["A", "hello from A", "bye from A"]


def test_code_of_a_stopped_project_is_live_after_its_start(api: Api, project_id: str) -> None:
    api.deploy(project_id, start=False)
    body = {"version": "2", "workflowCode": ECHO.replace("echo:", "again:")}
    api.put(f"/projects/{project_id}/workflows/echo", body)
    api.post("/workers/start", {"projectId": project_id})
    assert api.run(project_id, "Echo", "hello") == "again: hello"
