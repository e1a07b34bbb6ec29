"""Each hook has one method of the plugin manager, which calls plugins in order and refuses what it could not call."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.plugins import add_hook, answering, plugins_of
from workerhost import BuildSummary, Problem, Project, hookimpl, hookspecs
from workerhost.plugins import Plugins
from workerhost.words import BuildId, DesiredState

PROJECT = Project("shop", "shop", "shop-queue", DesiredState.STOPPED)
BUILD = BuildSummary("shop", BuildId("0123456789abcdef"), {}, (), ())

HOOKS = {name: function for name, function in vars(hookspecs).items() if name.startswith("workerhost_")}
METHODS = {
    name: function
    for name, function in vars(Plugins).items()
    if inspect.isfunction(function) and not name.startswith("_")
}


def _errors(plugins: Plugins) -> list[str | None]:
    return [report.error for report in plugins.reports()]


class Recording:
    """Implements every hook, and notes the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    @hookimpl
    def workerhost_register_activity_sets(self) -> None:
        self._note("workerhost_register_activity_sets")

    @hookimpl
    def workerhost_register_code_modules(self) -> None:
        self._note("workerhost_register_code_modules")

    @hookimpl
    def workerhost_register_sample_projects(self) -> None:
        self._note("workerhost_register_sample_projects")

    @hookimpl
    def workerhost_register_commands(self, cli: Any) -> None:
        self._note("workerhost_register_commands", cli=cli)

    @hookimpl
    def workerhost_register_blueprints(self) -> None:
        self._note("workerhost_register_blueprints")

    @hookimpl
    def workerhost_load_code(self, project: Any) -> None:
        self._note("workerhost_load_code", project=project)

    @hookimpl
    def workerhost_compile(self, format: Any, source: Any, context: Any) -> None:
        self._note("workerhost_compile", format=format, source=source, context=context)

    @hookimpl
    def workerhost_check_build(self, build: Any) -> None:
        self._note("workerhost_check_build", build=build)

    @hookimpl
    def workerhost_configure_worker(self, project: Any, config: Any) -> None:
        self._note("workerhost_configure_worker", project=project, config=config)

    @hookimpl
    def workerhost_after_worker_started(self, project: Any, worker: Any) -> None:
        self._note("workerhost_after_worker_started", project=project, worker=worker)

    @hookimpl
    def workerhost_after_worker_stopped(self, project: Any) -> None:
        self._note("workerhost_after_worker_stopped", project=project)

    @hookimpl
    def workerhost_after_worker_failed(self, project: Any, error: Any) -> None:
        self._note("workerhost_after_worker_failed", project=project, error=error)

    def _note(self, hook: str, **arguments: Any) -> None:
        self.calls.append((hook, arguments))


def test_each_hook_is_called_by_exactly_one_method_with_the_arguments_of_both() -> None:
    plugins, recording = Plugins(), Recording()
    plugins.add("recording", recording, plugin_version="1")
    called: list[str] = []
    for method in METHODS.values():
        _, *names = inspect.signature(method).parameters
        arguments = {name: object() for name in names}
        recording.calls.clear()
        answer = method(plugins, **arguments)
        if isinstance(answer, Iterator):
            list(answer)
        [(hook, received)] = recording.calls
        assert received == arguments
        assert list(inspect.signature(HOOKS[hook]).parameters) == names
        called.append(hook)
    assert sorted(called) == sorted(HOOKS)


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper"])
@pytest.mark.parametrize("is_generator", [True, False])
def test_a_wrapper_is_refused_with_a_sentence(option: str, is_generator: bool) -> None:
    def generator(build: BuildSummary) -> Iterator[None]:
        yield

    def function(build: BuildSummary) -> None: ...

    implementation: Callable[..., Any] = generator if is_generator else function
    implementation.__name__ = "workerhost_check_build"
    plugins = plugins_of(answering("workerhost_check_build", [Problem("red")]))
    add_hook(plugins, "wrapping", implementation, **{option: True})
    assert _errors(plugins) == [
        None,
        f"workerhost_check_build is implemented with {option}=True, which workerhost does not support, since it calls "
        f"one plugin at a time; leave {option}=True out and return the plugin's own answer",
    ]
    assert plugins.reports()[1].hooks == []
    assert list(plugins.check_build(BUILD)) == [Problem("red")]


def test_a_wrapper_under_another_name_is_refused_with_the_name_of_the_hook() -> None:
    plugins = Plugins()
    add_hook(plugins, "wrapping", lambda: None, wrapper=True, specname="workerhost_load_code")
    assert str(_errors(plugins)[0]).startswith("workerhost_load_code is implemented with wrapper=True")


def test_an_asynchronous_hook_is_refused_with_a_sentence() -> None:
    async def workerhost_check_build(build: BuildSummary) -> None: ...

    plugins = plugins_of(workerhost_check_build)
    assert _errors(plugins) == ["workerhost_check_build is implemented with async def; make it an ordinary function"]


def test_a_refused_plugin_is_left_out_with_its_other_hooks() -> None:
    class Half:
        @hookimpl
        def workerhost_check_build(self) -> list[Problem]:
            return [Problem("red")]

        @hookimpl(wrapper=True)
        def workerhost_load_code(self) -> Iterator[None]:
            yield

    plugins = Plugins()
    plugins.add("half", Half(), plugin_version="1")
    assert list(plugins.check_build(BUILD)) == []
    assert plugins.load_code(PROJECT) is None


def test_tryfirst_goes_before_and_trylast_after_all_that_were_registered_before() -> None:
    plugins, asked = Plugins(), []

    def implementation(name: str) -> Callable[..., None]:
        def workerhost_check_build() -> None:
            asked.append(name)

        return workerhost_check_build

    for name, options in {
        "first": {"tryfirst": True},
        "one": {},
        "last": {"trylast": True},
        "two": {},
        "firstly": {"tryfirst": True},
        "lastly": {"trylast": True},
    }.items():
        add_hook(plugins, name, implementation(name), **options)
    assert list(plugins.check_build(BUILD)) == []
    assert asked == ["firstly", "first", "two", "one", "last", "lastly"]


def test_an_optional_hook_that_this_version_does_not_have_is_no_error_and_not_listed() -> None:
    class Later:
        @hookimpl(optionalhook=True)
        def workerhost_of_a_later_version(self, anything: Any) -> None: ...

        @hookimpl
        def workerhost_check_build(self) -> list[Problem]:
            return [Problem("red")]

    plugins = Plugins()
    plugins.add("later", Later(), plugin_version="1")
    [report] = plugins.reports()
    assert (report.error, report.hooks) == (None, ["workerhost_check_build"])
    assert list(plugins.check_build(BUILD)) == [Problem("red")]
