"""The workflow and activity definitions in a build's modules.

The SDK keeps what its decorators found in private classes; this module is the only one that reads them.
"""

import ast
import inspect
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeGuard

import temporalio.activity
import temporalio.workflow

from workerhost.code.build import Build
from workerhost.code.parsing import parse
from workerhost.code.problems import problem_from
from workerhost.errors import BuildRefusedError
from workerhost.model import DYNAMIC, Problem

WorkflowDefinition = temporalio.workflow._Definition  # noqa: SLF001
ActivityDefinition = temporalio.activity._Definition  # noqa: SLF001


LONGEST_NAME = 200
"""Characters of the name of a workflow type, an activity, a signal, a query or an update."""


_DEFINING = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class PluginActivity:
    """An activity of a plugin."""

    definition: ActivityDefinition
    transferred: bytes | None
    """Its function, pickled for a project's process; None where it runs in the host."""


@dataclass(frozen=True)
class Definitions:
    """Workflows and activities by name; a dynamic one is under `DYNAMIC`."""

    workflows: Mapping[str, WorkflowDefinition]
    activities: Mapping[str, ActivityDefinition]

    def workflow(self, name: str) -> WorkflowDefinition | None:
        """Return the workflow that runs executions of that type."""
        return self.workflows.get(name) or self.workflows.get(DYNAMIC)

    def activity(self, name: str) -> ActivityDefinition | None:
        """Return the activity of that name."""
        return self.activities.get(name) or self.activities.get(DYNAMIC)


def activity_definition(function: Callable[..., Any]) -> ActivityDefinition:
    """Return what `temporalio.activity.defn` found about a function.

    Raises:
        TypeError: the function is not decorated.
    """
    return ActivityDefinition.must_from_callable(function)


def find_definitions(build: Build, modules: Iterable[ModuleType]) -> Definitions:
    """Collect the workflows and activities that the imported modules of a build define themselves.

    Raises:
        BuildRefusedError: the modules of a workflow define no workflow, or two definitions have one name.
    """
    found = _Found(build)
    for module in modules:
        for name, value in list(vars(module).items()):
            found.look_at(module, name, value)
    found.report_folders_without_workflow()
    if found.problems:
        raise BuildRefusedError(tuple(dict.fromkeys(found.problems)))  # what is imported is seen in several modules
    return Definitions(found.workflows, found.activities)


class _Found:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.names = build.module_names()
        self.workflows: dict[str, WorkflowDefinition] = {}
        self.activities: dict[str, ActivityDefinition] = {}
        self.problems: list[Problem] = []

    def look_at(self, module: ModuleType, name: str, value: object) -> None:
        """Take what a module has under a name. Code of that value's own type may run, and do anything."""
        try:
            self._take(value)
        except BaseException as error:
            short = self.names[module.__name__]
            line = definition_line(self.build.modules[short], name)
            self.problems.append(problem_from(error, self.build, short, line))

    def _take(self, value: object) -> None:
        for kind, known, definition, place in self._definitions(value):
            self._check_names(kind, definition, place)
            name = DYNAMIC if definition.name is None else definition.name
            other = known.setdefault(name, definition)
            if _implementation(other) is not _implementation(definition):
                self._report_double(kind, name, _implementation(other), place)

    def report_folders_without_workflow(self) -> None:
        defining = {self.names[each.cls.__module__].partition(".")[0] for each in self.workflows.values()}
        for folder in self.build.folders:
            if folder not in defining:
                reason = "it defines no workflow: no class in it is decorated with @workflow.defn"
                self.problems.append(Problem(reason, f"{folder}.workflow"))

    def _definitions(self, value: object) -> Iterator[tuple[str, dict[str, Any], Any, Any]]:
        if inspect.isclass(value):
            if value.__module__ in self.names and (workflow := WorkflowDefinition.from_class(value)):
                yield "workflow", self.workflows, workflow, value
            return
        is_ours = callable(value) and getattr(value, "__module__", None) in self.names
        if is_ours and (activity := ActivityDefinition.from_callable(value)):  # type: ignore[arg-type]
            yield "activity", self.activities, activity, value

    def _check_names(self, kind: str, definition: Any, place: Any) -> None:
        named = [(kind, definition.name)]
        if isinstance(definition, WorkflowDefinition):
            for part in ("signals", "queries", "updates"):
                named += [(f"{kind} {definition.name}: one of its {part}", each) for each in getattr(definition, part)]
        for what, name in named:
            if name is not None and (fault := _fault_of_name(name)):
                self.problems.append(Problem(f"the name of {what} {fault}", *self._place(place)))

    def _report_double(self, kind: str, name: str, first: object, second: object) -> None:
        reason = f"{kind} {name} is defined twice: here and in {_place_text(self._place(first))}"
        module, line = self._place(second)
        self.problems.append(Problem(reason, module, line))

    def _place(self, thing: Any) -> tuple[str, int | None]:
        module = self.names[thing.__module__]
        return module, definition_line(self.build.modules[module], thing.__name__)


def empty_names(build: Build) -> Iterator[Problem]:
    """Yield a problem for each name that is written as empty, which the SDK passes over.

    Parses the modules that hold an empty text, so that it has its place in a check and not in a start.
    """
    for module, source in build.modules.items():
        if '""' not in source and "''" not in source:
            continue  # parsing takes longer than all else where a module has thousands of lines
        for node in ast.walk(parse(source)):
            if isinstance(node, _DEFINING) and any(_is_empty_name(each) for each in node.decorator_list):
                yield Problem(f"the name that the decorator of {node.name} gives it is empty", module, node.lineno)


def _is_empty_name(decorator: ast.expr) -> bool:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(
        each.arg == "name" and isinstance(each.value, ast.Constant) and each.value.value == "" for each in keywords
    )


def _fault_of_name(name: str) -> str | None:
    """Say what is wrong with a name that Temporal and the API are to know, or return None."""
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} characters; it may have {LONGEST_NAME}"
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in name):
        return f"holds characters that cannot be printed: {name!r}"
    return None


def _implementation(definition: Any) -> Any:
    return definition.cls if isinstance(definition, WorkflowDefinition) else definition.fn


def _place_text(place: tuple[str, int | None]) -> str:
    module, line = place
    return f"{module}, line {line}" if line else module


def definition_line(source: str, name: str) -> int | None:
    """Return the last line where a module's source defines that name, or gives it a value."""
    return max((node.lineno for node in ast.walk(parse(source)) if _gives(node, name)), default=None)


def _gives(node: ast.AST, name: str) -> TypeGuard[ast.stmt | ast.Name]:
    if isinstance(node, _DEFINING):
        return node.name == name
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
