"""Hooks of plugins in a running service: who is asked first, and what an exception does."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Blueprint
from temporalio import activity
from temporalio.worker import Worker

from support.callers import CALLER
from support.plugins import Loading
from workerhost import ActivitySet, BuildSummary, Project, ProjectCode, hookimpl
from workerhost.code.warm_process import WarmProcess
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings
from workerhost.testing import ECHO, Api, eventually, running_service, unique_id

Serve = Callable[..., AbstractContextManager[Api]]


@activity.defn
async def knock() -> str:
    return "who is there?"


class Failing:
    """Raises in the hooks that it is told to raise in."""

    def __init__(self, *hooks: str) -> None:
        self._hooks = hooks

    def _maybe(self, hook: str) -> None:
        if hook in self._hooks:
            raise RuntimeError(f"no {hook} today")

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        self._maybe("load_code")
        return None

    @hookimpl
    def workerhost_check_build(self, build: BuildSummary) -> None:
        self._maybe("check_build")

    @hookimpl
    def workerhost_configure_worker(self, project: Project) -> None:
        self._maybe("configure_worker")

    @hookimpl
    def workerhost_after_worker_started(self, project: Project, worker: Worker) -> None:
        self._maybe("after")

    @hookimpl
    def workerhost_after_worker_stopped(self, project: Project) -> None:
        self._maybe("after")

    @hookimpl
    def workerhost_after_worker_failed(self, project: Project, error: Exception) -> None:
        self._maybe("after")


class Listening:
    """Notes what the host tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    @hookimpl
    def workerhost_after_worker_started(self, project: Project, worker: Worker) -> None:
        self.told.append(("started", project.id, worker.task_queue))

    @hookimpl
    def workerhost_after_worker_stopped(self, project: Project) -> None:
        self.told.append(("stopped", project.id))

    @hookimpl
    def workerhost_after_worker_failed(self, project: Project, error: Exception) -> None:
        self.told.append(("failed", project.id, str(error)))


class Routes:
    """Contributes one activity and the routes that it is given."""

    def __init__(self, blueprints: Callable[[], Sequence[Blueprint]]) -> None:
        self._blueprints = blueprints

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        return [ActivitySet("door", [knock])]

    @hookimpl
    def workerhost_register_blueprints(self) -> Sequence[Blueprint]:
        return self._blueprints()


@pytest.fixture
def serve(
    settings: Settings, temporal: EmbeddedTemporal, warm_process: WarmProcess, monkeypatch: pytest.MonkeyPatch
) -> Serve:
    """Start a service with plugins that are not installed."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)

    @contextmanager
    def started(*plugins: tuple[str, object]) -> Iterator[Api]:
        with running_service(settings, dict(plugins), warm_process) as service:
            yield Api.of(service)

    return started


def _plugin(api: Api, name: str) -> Any:
    [found] = [plugin for plugin in api.get("/plugins")["plugins"] if plugin["name"] == name]
    return found


def test_the_loader_that_came_last_is_asked_first_and_the_first_answer_wins(serve: Serve) -> None:
    answers = {unique_id("red"): "red: x", unique_id("blue"): "blue: x", unique_id("red-blue"): "blue: x"}
    kept = unique_id("kept")
    with serve(("red", Loading("red")), ("blue", Loading("blue"))) as api:
        for project_id, answer in answers.items():
            api.put(f"/projects/{project_id}")
            api.post("/workers/start", {"projectId": project_id}, expect=200)
            assert api.run(project_id, "Echo", "x") == answer
        api.deploy(kept)
        assert api.run(kept, "Echo", "x") == "echo: x"


def test_code_of_a_plugins_loader_is_not_published_activated_or_deleted_here(serve: Serve, project_id: str) -> None:
    with serve(("foreign", Loading("foreign"))) as api:
        project = f"foreign-{project_id}"
        api.put(f"/projects/{project}")
        path = f"/projects/{project}/workflows/echo"
        answer = api.put(path, {"version": "1", "workflowCode": ECHO}, expect=409)
        assert answer["code"] == "code_not_in_database"
        assert "code loader foreign" in answer["error"]
        assert api.get(f"/projects/{project}/workflows") == {"workflows": []}


def test_a_loader_that_raises_fails_the_call_with_its_name(serve: Serve, project_id: str) -> None:
    with serve(("failing", Failing("load_code"))) as api:
        api.put(f"/projects/{project_id}")
        answer = api.post("/workers/start", {"projectId": project_id}, expect=500)
        assert answer["error"] == (
            f"the code of project {project_id} cannot be loaded: "
            "plugin failing failed: RuntimeError: no load_code today"
        )


def test_a_check_that_raises_refuses_the_build_with_its_name(serve: Serve, project_id: str) -> None:
    with serve(("failing", Failing("check_build"))) as api:
        api.put(f"/projects/{project_id}")
        body = {"version": "1", "workflowCode": ECHO}
        answer = api.put(f"/projects/{project_id}/workflows/echo", body, expect=422)
        assert "plugin failing failed: RuntimeError: no check_build today" in answer["error"]
        assert api.get(f"/projects/{project_id}/workflows") == {"workflows": []}


def test_a_plugin_that_cannot_configure_a_worker_fails_its_start_with_its_name(serve: Serve, project_id: str) -> None:
    listening = Listening()
    with serve(("failing", Failing("configure_worker")), ("listening", listening)) as api:
        api.deploy(project_id, start=False)
        answer = api.post("/workers/start", {"projectId": project_id}, expect=500)
        assert answer["code"] == "worker_failed"
        assert "plugin failing failed: RuntimeError: no configure_worker today" in answer["error"]
        eventually(lambda: listening.told)
        assert listening.told[0][:2] == ("failed", project_id)
        assert "no configure_worker today" in listening.told[0][2]


def test_notifications_that_raise_keep_neither_the_worker_nor_other_plugins_from_anything(
    serve: Serve, project_id: str
) -> None:
    listening = Listening()
    with serve(("listening", listening), ("failing", Failing("after"))) as api:
        api.deploy(project_id)
        assert api.run(project_id, "Echo", "hello") == "echo: hello"
        api.post("/workers/stop", {"projectId": project_id}, expect=200)
        eventually(lambda: len(listening.told) == 2)
        assert _plugin(api, "failing")["error"] is None
    assert listening.told == [("started", project_id, f"{project_id}-queue"), ("stopped", project_id)]


def _raising() -> Sequence[Blueprint]:
    raise RuntimeError("no routes today")


def _twice() -> Sequence[Blueprint]:
    return [Blueprint("door", __name__), Blueprint("door", __name__)]


def _taken() -> Sequence[Blueprint]:
    return [Blueprint("workers", __name__)]


@pytest.mark.parametrize("blueprints", [_raising, _twice, _taken])
def test_a_plugin_that_is_left_out_for_its_routes_is_left_out_everywhere(
    serve: Serve, project_id: str, blueprints: Callable[[], Sequence[Blueprint]]
) -> None:
    with serve(("door", Routes(blueprints))) as api:
        assert _plugin(api, "door")["error"]
        assert _plugin(api, "door")["activities"] == []
        assert "knock" not in [each["name"] for each in api.get("/activities")["activities"]]
        assert "door" in api.get("/ready")["checks"]["plugins"]
        api.deploy(project_id, "caller", {"version": "1", "workflowCode": CALLER})
        execution = api.outcome(project_id, api.begin(project_id, "Caller", "knock", []))
        assert "has no activity knock" in execution["error"]


def test_errors_of_a_plugins_route_are_answered_like_any_error(serve: Serve) -> None:
    def routes() -> Sequence[Blueprint]:
        blueprint = Blueprint("door", __name__)

        @blueprint.get("/door")
        def door() -> str:
            raise RuntimeError("the password is s3cret")

        return [blueprint]

    with serve(("door", Routes(routes))) as api:
        answer = api.get("/door", expect=500)
        assert answer["code"] == "internal_error"
        assert "s3cret" not in answer["error"]
        assert api.get("/health")["status"] == "ok"


def test_a_route_of_a_plugin_does_not_take_the_place_of_a_built_in_one(serve: Serve) -> None:
    def routes() -> Sequence[Blueprint]:
        blueprint = Blueprint("door", __name__)
        blueprint.get("/health")(lambda: {"status": "mine"})
        return [blueprint]

    with serve(("door", Routes(routes))) as api:
        assert api.get("/health") == {"status": "ok", "service": "temporal-worker-service"}


def test_a_plugin_cannot_take_the_name_of_a_built_in_one(serve: Serve, project_id: str) -> None:
    with serve(("database", Loading("project"))) as api:
        errors = [plugin["error"] for plugin in api.get("/plugins")["plugins"] if plugin["name"] == "database"]
        assert errors == [None, "another plugin is named database already"]
        api.deploy(project_id)
        assert api.run(project_id, "Echo", "x") == "echo: x"
