"""Drawings and the code that compilers make of them, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Drawing:
    """What a user drew, as it was sent."""

    format: str
    document: Any
    """The value of a JSON document, or a text."""


@dataclass(frozen=True)
class DrawnWorkflow:
    """A drawing that is to become the code of a workflow."""

    name: str
    version: str
    drawing: Drawing
    activities_code: str | None = None
    """Activities of the project's own that the drawing may call, as Python source."""
    modules: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Further modules, as source by name, as those of workflows that are code."""


@dataclass(frozen=True)
class KnownActivity:
    """An activity that a drawing may call."""

    name: str
    input_schema: Mapping[str, Any] | None = None
    """JSON Schema of its one argument; None where it is not known, or it takes none or several."""
    output_schema: Mapping[str, Any] | None = None
    plugin: str | None = None
    """The plugin that brings it; None for one of the project's own code."""


@dataclass(frozen=True)
class CompileContext:
    """What a compiler may know of the project that a drawing is for."""

    project_id: str
    workflow: str
    """The name under which the drawing is published; it is the workflow type."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The settings of the project, as stored."""
    activities: Mapping[str, KnownActivity] = field(default_factory=dict)
    """What drawings may call, by name: of the plugins, and of the project's own code beside the drawing."""
    workflow_types: Sequence[str] = ()
    """Workflow types that the project has, beside this one."""


@dataclass(frozen=True)
class DrawingProblem:
    """What is wrong with a drawing, as a sentence, and where."""

    reason: str
    node: str | None = None
    """The id of the node, or the JSON pointer of the task."""
    path: str | None = None
    """The field within it, or the JSON pointer of the place."""

    def __str__(self) -> str:
        """Return the reason behind the place."""
        place = ", ".join(each for each in (self.node and f"node {self.node}", self.path) if each)
        return f"{place}: {self.reason}" if place else self.reason

    def to_json(self) -> dict[str, str]:
        """Return what is known, by the keys of the API."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class NodeLine:
    """Where the code of a node begins."""

    node: str
    line: int
    """In the workflow code, from 1."""
    label: str = ""
    """What the user calls it."""
    type: str = ""
    """What kind of node it is, in the words of the format."""


@dataclass(frozen=True)
class Trigger:
    """What begins or reaches runs of a drawn workflow from outside; it lives as long as the workflow does."""

    kind: str
    """`schedule` or `webhook`."""
    name: str
    """Of the schedule or the webhook, in the project."""
    definition: Mapping[str, Any]
    """As the body of the call that puts it; without `workflowType` where that is the workflow itself."""
    node: str | None = None

    @property
    def shown(self) -> Mapping[str, Any]:
        """The definition without the secret that a webhook may have."""
        authentication = self.definition.get("authentication")
        if not isinstance(authentication, Mapping):
            return self.definition
        known = {name: value for name, value in authentication.items() if name != "secret"}
        return {**self.definition, "authentication": known}


@dataclass(frozen=True)
class CompiledDrawing:
    """A drawing that has become code, and what its compiler said of it; kept beside that code.

    Two of them are equal where the drawing is; what compilers say of it may differ from version to version.
    """

    drawing: Drawing
    compiler: str = field(compare=False)
    """Name and version of the compiler."""
    map: Sequence[NodeLine] = field(default=(), compare=False)
    warnings: Sequence[DrawingProblem] = field(default=(), compare=False)
    triggers: Sequence[Trigger] = field(default=(), compare=False)


@dataclass(frozen=True)
class Compilation:
    """What a compiler made of a drawing: code, or problems."""

    compiler: str
    """Its name and version, `workerhost-drawings 0.1.0`."""
    workflow_code: str = ""
    """Empty where there are problems."""
    activities_code: str | None = None
    """Where the compiler brings activities itself; those that were sent beside the drawing stay as they are."""
    modules: Mapping[str, str] = field(default_factory=dict)
    map: Sequence[NodeLine] = ()
    problems: Sequence[DrawingProblem] = ()
    """Every one at once; with any, the drawing is refused."""
    warnings: Sequence[DrawingProblem] = ()
    triggers: Sequence[Trigger] = ()
