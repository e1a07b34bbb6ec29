"""Plugins: found, asked in order, and kept from harming anything."""

import inspect
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Blueprint
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, WorkerConfig

from support import ECHO, Api, eventually, free_port
from support.callers import CALLER
from support.processes import RestClient, scratch_python
from workerhost import (
    ActivitySet,
    BuildSummary,
    Problem,
    Project,
    ProjectCode,
    SampleProject,
    WorkflowCode,
    hookimpl,
    hookspecs,
)
from workerhost.api.app import create_app
from workerhost.plugins import Plugins
from workerhost.runtime.catalogue import build_catalogue
from workerhost.runtime.service import Service
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.settings import Settings

FOREIGN = Path(__file__).parents[1] / "support" / "foreign_plugin"


@activity.defn(name="ring")
async def ring() -> None: ...


@activity.defn(name="ring")
async def ring_too() -> None: ...


class Ringing:
    """Contributes one activity."""

    def __init__(self, *activities: Any) -> None:
        self._activities = activities or (ring,)

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        return [ActivitySet("bells", self._activities)]


class Raising:
    """Fails at every hook that collects."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> Sequence[ActivitySet]:
        raise RuntimeError("no activities today")

    @hookimpl
    def workerhost_register_blueprints(self) -> Sequence[Blueprint]:
        raise RuntimeError("no routes today")


def _plugins(*plugins: tuple[str, object]) -> Plugins:
    made = Plugins()
    for name, plugin in plugins:
        made.add(name, plugin, plugin_version="1")
    return made


def _errors(plugins: Plugins) -> dict[str, str | None]:
    return {report.name: report.error for report in plugins.reports()}


def test_a_plugin_that_fails_to_import_is_listed_and_harms_nothing() -> None:
    plugins = Plugins()
    plugins.add_entry_point(EntryPoint("missing", "no_such_module", "workerhost"))
    plugins.add("bells", Ringing(), plugin_version="1")
    assert _errors(plugins) == {"missing": "ModuleNotFoundError: No module named 'no_such_module'", "bells": None}
    assert list(build_catalogue(plugins)) == ["ring"]


def test_a_plugin_that_fails_to_register_is_left_out_alone() -> None:
    plugins = _plugins(("raising", Raising()), ("bells", Ringing()))
    assert list(build_catalogue(plugins)) == ["ring"]
    assert _errors(plugins) == {"raising": "RuntimeError: no activities today", "bells": None}


def test_a_hook_that_does_not_exist_disables_its_plugin() -> None:
    class Misspelt:
        @hookimpl
        def workerhost_register_activitysets(self) -> None: ...

    plugins = _plugins(("misspelt", Misspelt()), ("bells", Ringing()))
    assert "workerhost_register_activitysets" in str(_errors(plugins)["misspelt"])
    assert list(build_catalogue(plugins)) == ["ring"]


def test_two_plugins_of_one_name_are_an_error_and_the_first_works() -> None:
    plugins = _plugins(("bells", Ringing()), ("bells", Ringing(ring_too)))
    assert [report.error for report in plugins.reports()] == [None, "another plugin is named bells already"]
    assert list(build_catalogue(plugins)) == ["ring"]


def test_two_activities_of_one_name_name_both_places() -> None:
    plugins = _plugins(("first", Ringing()), ("second", Ringing(ring_too)))
    catalogue = build_catalogue(plugins)
    [error] = [error for error in _errors(plugins).values() if error]
    assert "activity ring of set bells exists already in set bells of plugin" in error
    assert list(catalogue) == ["ring"]


def test_a_function_that_is_no_activity_disables_its_plugin() -> None:
    plugins = _plugins(("plain", Ringing(print)))
    assert build_catalogue(plugins) == {}
    assert "print" in str(_errors(plugins)["plain"])


def test_a_notification_that_raises_is_logged_and_the_others_are_told(caplog: pytest.LogCaptureFixture) -> None:
    told = []

    class Deaf:
        @hookimpl
        def workerhost_after_worker_stopped(self, project: Project) -> None:
            raise RuntimeError("what?")

    class Hearing:
        @hookimpl
        def workerhost_after_worker_stopped(self, project: Project) -> None:
            told.append(project.id)

    plugins = _plugins(("hearing", Hearing()), ("deaf", Deaf()))
    plugins.worker_stopped(Project("shop", "shop", "shop-queue", "stopped"))
    assert told == ["shop"]
    assert "plugin deaf failed in workerhost_after_worker_stopped" in caplog.text


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
def everything(
    settings: Settings, temporal: EmbeddedTemporal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Api, Everything]]:
    """A service with the plugin that answers everything."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal.address)
    plugin = Everything()
    service = Service(settings, [("everything", plugin), ("raising", Raising())])
    service.store.database.upgrade()
    service.start()
    yield Api(create_app(service).test_client()), plugin
    assert service.stop()


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


def test_a_plugin_adds_commands_and_sample_projects() -> None:
    class Commands:
        @hookimpl
        def workerhost_register_commands(self, cli: click.Group) -> None:
            cli.add_command(click.Command("hello"))

        @hookimpl
        def workerhost_register_sample_projects(self) -> Sequence[SampleProject]:
            return [SampleProject("hello", ())]

    plugins, cli = _plugins(("commands", Commands())), click.Group("workerhost")
    plugins.register_commands(cli)
    assert list(cli.commands) == ["hello"]
    assert plugins.sample_projects() == [SampleProject("hello", ())]


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
    subprocess.run([str(made), "-m", "pip", "install", "--quiet", "--no-deps", str(_copy(folder))], check=True)
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


def _hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("workerhost_")]


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_tested(hook: str) -> None:
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    assert any(f"def {hook}(" in source for source in tests)


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_documented_with_its_signature(hook: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "plugins.md"
    signature = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"\n### {hook}({signature})\n" in page.read_text(encoding="utf-8")
