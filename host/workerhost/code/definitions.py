"""The workflow and activity definitions in a build's modules.

The SDK keeps what its decorators found in private classes; this module is the only one that reads them.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import temporalio.activity
import temporalio.workflow

from workerhost.code.build import Build
from workerhost.code.parsing import parse
from workerhost.errors import BuildRefusedError
from workerhost.model import DYNAMIC, Problem

WorkflowDefinition = temporalio.workflow._Definition  # noqa: SLF001
ActivityDefinition = temporalio.activity._Definition  # noqa: SLF001


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
        for value in list(vars(module).values()):
            found.take(value)
    found.report_folders_without_workflow()
    if found.problems:
        raise BuildRefusedError(tuple(found.problems))
    return Definitions(found.workflows, found.activities)


class _Found:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.names = build.module_names()
        self.workflows: dict[str, WorkflowDefinition] = {}
        self.activities: dict[str, ActivityDefinition] = {}
        self.problems: list[Problem] = []

    def take(self, value: object) -> None:
        for kind, known, definition, place in self._definitions(value):
            name = definition.name or DYNAMIC
            other = known.setdefault(name, definition)
            if _implementation(other) is not _implementation(definition):
                self._report_double(kind, name, _implementation(other), place)

    def report_folders_without_workflow(self) -> None:
        defining = {self.names[each.cls.__module__].partition(".")[0] for each in self.workflows.values()}
        for folder in dict.fromkeys(name.partition(".")[0] for name in self.build.modules):
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

    def _report_double(self, kind: str, name: str, first: object, second: object) -> None:
        reason = f"{kind} {name} is defined twice: here and in {_place_text(self._place(first))}"
        module, line = self._place(second)
        problem = Problem(reason, module, line)
        if problem not in self.problems:
            self.problems.append(problem)

    def _place(self, thing: Any) -> tuple[str, int | None]:
        module = self.names[thing.__module__]
        return module, definition_line(self.build.modules[module], thing.__name__)


def _implementation(definition: Any) -> Any:
    return definition.cls if isinstance(definition, WorkflowDefinition) else definition.fn


def _place_text(place: tuple[str, int | None]) -> str:
    module, line = place
    return f"{module}, line {line}" if line else module


def definition_line(source: str, name: str) -> int | None:
    """Return the line where the class or function of that name stands in a module's source."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(parse(source)) if isinstance(node, kinds))
    return max((node.lineno for node in nodes if node.name == name), default=None)
