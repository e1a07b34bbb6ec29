"""What a plugin answers is checked: an answer of another kind than the hook's is told by a sentence."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from temporalio import activity

from support.plugins import answering, plugins_of
from workerhost import ActivitySet, BuildSummary, Problem, Project, ProjectCode, SampleProject
from workerhost.drawing import Compilation, CompileContext
from workerhost.plugins import PluginError, Plugins
from workerhost.runtime.catalogue import build_catalogue
from workerhost.words import BuildId, DesiredState

PROJECT = Project("shop", "shop", "shop-queue", DesiredState.STOPPED)
BUILD = BuildSummary("shop", BuildId("0123456789abcdef"), {}, (), ())


@activity.defn
async def ring() -> None: ...


def _compile(plugins: Plugins) -> Any:
    return plugins.compile("canvas", {}, CompileContext("shop", "order"))


def _errors(plugins: Plugins) -> list[str | None]:
    return [report.error for report in plugins.reports()]


@pytest.mark.parametrize(
    ("hook", "collect", "answer", "error"),
    [
        (
            "workerhost_register_activity_sets",
            lambda plugins: list(plugins.activity_sets()),
            ActivitySet("bells", [ring]),
            "workerhost_register_activity_sets returned an object of type ActivitySet; a list of ActivitySet is "
            "expected",
        ),
        (
            "workerhost_register_activity_sets",
            lambda plugins: list(plugins.activity_sets()),
            [ring],
            "workerhost_register_activity_sets returned an object of type function among others; a list of "
            "ActivitySet is expected",
        ),
        (
            "workerhost_register_sample_projects",
            Plugins.sample_projects,
            {"shop": SampleProject("shop", ())},
            "workerhost_register_sample_projects returned an object of type dict; a list of SampleProject is expected",
        ),
        (
            "workerhost_register_code_modules",
            Plugins.code_modules,
            "shop.models",
            "workerhost_register_code_modules returned an object of type str; a list of str is expected",
        ),
        (
            "workerhost_register_blueprints",
            lambda plugins: list(plugins.blueprints()),
            "routes",
            "workerhost_register_blueprints returned an object of type str; a list of Blueprint is expected",
        ),
    ],
)
def test_a_plugin_that_contributes_something_of_another_kind_is_left_out_with_a_sentence(
    hook: str, collect: Callable[[Plugins], list[Any]], answer: Any, error: str
) -> None:
    plugins = plugins_of(answering(hook, answer), answering(hook, None))
    collect(plugins)
    assert _errors(plugins) == [error, None]


@pytest.mark.parametrize(
    ("hook", "ask", "answer", "error"),
    [
        (
            "workerhost_load_code",
            lambda plugins: plugins.load_code(PROJECT),
            {"shop": "code"},
            "workerhost_load_code returned an object of type dict; a ProjectCode or None is expected",
        ),
        (
            "workerhost_load_code",
            lambda plugins: plugins.load_code(PROJECT),
            ProjectCode(("code",), "mine"),
            "workerhost_load_code returned a ProjectCode whose workflows are not a tuple of WorkflowCode",
        ),
        (
            "workerhost_load_code",
            lambda plugins: plugins.load_code(PROJECT),
            ProjectCode((), "mine", ("drawing",)),
            "workerhost_load_code returned a ProjectCode whose drawings are not a tuple of DrawnWorkflow",
        ),
        (
            "workerhost_compile",
            _compile,
            "code",
            "workerhost_compile returned an object of type str; a Compilation or None is expected",
        ),
        (
            "workerhost_compile",
            _compile,
            Compilation("mine", "x = 1", map=["a"]),
            "workerhost_compile returned a Compilation whose map is not a list of NodeLine",
        ),
        (
            "workerhost_compile",
            _compile,
            Compilation("mine", problems="all of it is wrong"),
            "workerhost_compile returned a Compilation whose problems is not a list of DrawingProblem",
        ),
        (
            "workerhost_compile",
            _compile,
            Compilation("mine"),
            "workerhost_compile returned a Compilation with neither code nor problems",
        ),
        (
            "workerhost_compile",
            _compile,
            Compilation("mine", "x = 1", modules={"rules": 1}),
            "workerhost_compile returned a Compilation whose code is no text",
        ),
        (
            "workerhost_check_build",
            lambda plugins: list(plugins.check_build(BUILD)),
            "it is red",
            "workerhost_check_build returned an object of type str; a list of Problem is expected",
        ),
        (
            "workerhost_check_build",
            lambda plugins: list(plugins.check_build(BUILD)),
            ["it is red"],
            "workerhost_check_build returned an object of type str among others; a list of Problem is expected",
        ),
    ],
)
def test_an_answer_of_another_kind_reaches_the_caller_as_a_sentence(
    hook: str, ask: Callable[[Plugins], Any], answer: Any, error: str
) -> None:
    plugins = plugins_of(answering(hook, answer))
    with pytest.raises(PluginError) as raised:
        ask(plugins)
    assert str(raised.value) == f"plugin plugin0 failed: {error}"
    assert _errors(plugins) == [None]


def test_a_sequence_may_be_a_tuple_or_come_from_a_generator() -> None:
    def workerhost_register_activity_sets() -> Iterator[ActivitySet]:
        yield ActivitySet("bells", (ring,))

    plugins = plugins_of(
        workerhost_register_activity_sets,
        answering("workerhost_check_build", (Problem("red"),)),
    )
    assert list(build_catalogue(plugins)) == ["ring"]
    assert list(plugins.check_build(BUILD)) == [Problem("red")]


def test_a_generator_that_raises_halfway_counts_as_a_plugin_that_raises() -> None:
    def workerhost_check_build() -> Iterator[Problem]:
        yield Problem("red")
        raise RuntimeError("the rules are gone")

    def workerhost_register_activity_sets() -> Iterator[ActivitySet]:
        yield ActivitySet("bells", [ring])
        raise RuntimeError("the bells are gone")

    plugins = plugins_of(workerhost_check_build, workerhost_register_activity_sets)
    with pytest.raises(PluginError, match="plugin plugin0 failed: RuntimeError: the rules are gone"):
        list(plugins.check_build(BUILD))
    assert build_catalogue(plugins) == {}
    assert _errors(plugins) == [None, "RuntimeError: the bells are gone"]


def test_an_activity_set_of_something_else_than_a_list_of_activities_is_told_by_its_name() -> None:
    plugins = plugins_of(answering("workerhost_register_activity_sets", [ActivitySet("bells", ring)]))
    assert build_catalogue(plugins) == {}
    assert _errors(plugins) == ["TypeError: the activities of set bells are not a list, but of type function"]
