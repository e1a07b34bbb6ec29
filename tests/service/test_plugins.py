"""Plugins at work in a service, and plugins that pip has installed."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, WorkerConfig

from support.callers import CALLER
from support.plugins import Raising, ring
from support.processes import OFFLINE, RestClient, scratch_python
from workerhost import (
    ActivitySet,
    BuildSummary,
    Problem,
    Project,
    ProjectCode,
    WorkflowCode,
    hookimpl,
)
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, Api, eventually, free_port

FOREIGN = Path(__file__).parents[1] / "support" / "foreign_plugin"


class Everything:
    """Answers the hooks that the host asks while it works."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        if not project.id.startswith("elsewhere"):
            return None
        return ProjectCode((WorkflowCode("echo", "1", ECHO.replace("echo:", "loaded:")),), "everything")

    @hookimpl
    def workerhost_check_build(self, build: BuildSummary) -> Sequence[Problem]:
        forbidden = [name for name, source in build.modules.items() if "forbidden" in source]
        return [Problem("the word forbidden is not allowed", module=name) for name in forbidden]

    @hookimpl
    def workerhost_configure_worker(self, project: Project, config: WorkerConfig) -> None:
        config["interceptors"] = [*config.get("interceptors", []), Watching(self.seen)]

    @hookimpl
    def workerhost_register_blueprints(self) -> Sequence[Blueprint]:
        blueprint = Blueprint("everything", __name__)
        blueprint.get("/everything")(lambda: {"everything": True})
        return [blueprint]

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        return [ActivitySet("bells", [ring])]


class Watching(Interceptor):
    """Notes which function runs."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        seen = self._seen

        class Inbound(ActivityInboundInterceptor):
            async def execute_activity(self, input: ExecuteActivityInput) -> Any:
                seen.append(f"{input.fn.__name__}{tuple(input.args)}")
                return await super().execute_activity(input)

        return Inbound(next)


@pytest.fixture
def plugins() -> dict[str, object]:
    """One that answers everything, and one that fails."""
    return {"everything": Everything(), "raising": Raising()}


@pytest.fixture
def everything(plugins: dict[str, object], api: Api) -> tuple[Api, Everything]:
    """A service with the plugin that answers everything."""
    plugin = plugins["everything"]
    assert isinstance(plugin, Everything)
    return api, plugin


def test_a_code_loader_of_a_plugin_answers_before_the_built_in_ones(
    everything: tuple[Api, Everything], project_id: str
) -> None:
    api, _ = everything
    api.put(f"/projects/elsewhere-{project_id}")
    api.post("/workers/start", {"projectId": f"elsewhere-{project_id}"})
    assert api.run(f"elsewhere-{project_id}", "Echo", "x") == "loaded: x"


def test_a_check_of_a_plugin_refuses_a_build(everything: tuple[Api, Everything], project_id: str) -> None:
    api, _ = everything
    api.put(f"/projects/{project_id}")
    body = {"version": "1", "workflowCode": ECHO + "\n# forbidden\n"}
    answer = api.put(f"/projects/{project_id}/workflows/echo", body, expect=422)
    assert answer["error"] == "echo.workflow: the word forbidden is not allowed"


def test_an_interceptor_of_a_plugin_sees_the_real_activity(everything: tuple[Api, Everything], project_id: str) -> None:
    api, plugin = everything
    code = (
        CALLER
        + "\n\nfrom temporalio import activity\n\n\n@activity.defn\ndef double(x: int) -> int:\n    return 2 * x\n"
    )
    api.deploy(project_id, "caller", {"version": "1", "workflowCode": code})
    assert api.run(project_id, "Caller", "double", [21]) == 42
    assert api.run(project_id, "Caller", "ring", []) is None
    assert plugin.seen == ["double(21,)", "ring()"]


def test_routes_of_a_plugin_are_served_and_one_that_raises_is_left_out(everything: tuple[Api, Everything]) -> None:
    api, _ = everything
    assert api.get("/everything") == {"everything": True}
    plugins = {plugin["name"]: plugin for plugin in api.get("/plugins")["plugins"]}
    assert plugins["everything"]["activities"] == ["ring"]
    assert "workerhost_check_build" in plugins["everything"]["hooks"]
    assert plugins["raising"]["error"] == "RuntimeError: no activities today"


@contextmanager
def _served(python: Path, folder: Path, temporal: EmbeddedTemporal) -> Iterator[RestClient]:
    port = free_port()
    environment = {"TEMPORAL_ADDRESS": temporal.address, "PATH": "/usr/bin:/bin"}
    command = [str(python), "-m", "workerhost", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, env=environment) as process:
        client = RestClient(f"http://127.0.0.1:{port}")
        try:
            eventually(client.answers)
            yield client
        finally:
            client.close()
            process.terminate()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the host of this one, into which the foreign distribution was installed with pip."""
    folder = tmp_path_factory.mktemp("scratch")
    made = scratch_python(folder)
    command = [str(made), "-m", "pip", "install", "--quiet", "--no-deps", str(_copy(folder))]
    subprocess.run(command, env={**os.environ, **OFFLINE}, check=True)
    return made


def _copy(folder: Path) -> Path:
    """Copy the distribution, so that building it leaves nothing beside its source."""
    copy = folder / "foreign_plugin"
    for path in FOREIGN.rglob("*"):
        if path.suffix in (".py", ".cfg", ".toml"):
            target = copy / path.relative_to(FOREIGN)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return copy


def test_an_installed_distribution_is_listed_and_its_activity_called_after_a_restart(
    python: Path, tmp_path: Path, temporal: EmbeddedTemporal, project_id: str
) -> None:
    with _served(python, tmp_path, temporal) as client:
        activities = {each["name"]: each for each in client.call("GET", "/activities")["activities"]}
        assert activities["sendLetter"]["plugin"] == "foreign"
        assert activities["sendLetter"]["description"] == "Send a letter."
        assert activities["sendLetter"]["inputSchema"]["required"] == ["to"]
        plugins = {each["name"]: each for each in client.call("GET", "/plugins")["plugins"]}
        assert plugins["foreign"]["version"] == "2.3.4"
        assert plugins["broken"]["error"] == "RuntimeError: the driver is missing"

        client.call("PUT", f"/projects/{project_id}", {})
        body = {"version": "1", "workflowCode": CALLER}
        client.call("PUT", f"/projects/{project_id}/workflows/caller", body)
        client.call("POST", "/workers/start", {"projectId": project_id})
        run = {"workflowType": "Caller", "args": ["sendLetter", [{"to": "Ada"}]], "workflowId": project_id}
        client.call("POST", f"/projects/{project_id}/executions", run)
        execution = client.call("GET", f"/projects/{project_id}/executions/{project_id}?wait=20")
        assert execution["result"] == "1 sent to Ada"


def test_the_command_lists_what_is_installed_and_what_failed(python: Path, tmp_path: Path) -> None:
    command = [str(python), "-m", "workerhost", "plugins"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert "foreign 2.3.4" in listing
    assert "activities: sendLetter" in listing
    assert "failed to load: RuntimeError: the driver is missing" in listing
