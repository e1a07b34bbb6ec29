"""Plugins are registered and kept from harming one another; each hook is tested and documented."""

import inspect
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest

from support.plugins import Raising, Ringing, ring_too
from workerhost import (
    Project,
    SampleProject,
    hookimpl,
    hookspecs,
)
from workerhost.plugins import Plugins
from workerhost.runtime.catalogue import build_catalogue
from workerhost.words import DesiredState


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
    plugins.worker_stopped(Project("shop", "shop", "shop-queue", DesiredState.STOPPED))
    assert told == ["shop"]
    assert "plugin deaf failed in workerhost_after_worker_stopped" in caplog.text


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


def test_a_plugin_names_modules_that_code_of_projects_imports() -> None:
    class Modules:
        @hookimpl
        def workerhost_register_code_modules(self) -> Sequence[str]:
            return ["shop.models"]

    assert _plugins(("modules", Modules())).code_modules() == ("shop.models",)


def _hooks() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("workerhost_")]


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_tested(hook: str) -> None:
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py")]
    assert any(f"def {hook}(" in source for source in tests)


@pytest.mark.parametrize("hook", _hooks())
def test_every_hook_is_documented_with_its_signature(hook: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "plugins.md"
    signature = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"\n### {hook}({signature})\n" in page.read_text(encoding="utf-8")
