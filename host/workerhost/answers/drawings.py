"""Answers about drawings and the code that compilers make of them."""

from typing import Any

from workerhost.answers.base import Answer


class DrawingInfo(Answer):
    """A drawing, as it was sent."""

    format: str
    """`canvas` and `open-workflow`, for example."""
    document: Any
    """The value of a JSON document, or a text."""


class DrawingProblemInfo(Answer):
    """What is wrong with a drawing, or may not be meant as it is drawn."""

    workflow: str | None = None
    """The workflow that the drawing becomes, where a call has several."""
    reason: str
    """A sentence."""
    node: str | None = None
    """The id of the node, or the JSON pointer of the task."""
    path: str | None = None
    """The field within it, or the JSON pointer of the place."""


class NodeLineInfo(Answer):
    """Where the code of a node begins."""

    node: str
    line: int
    """In the workflow code, from 1."""
    label: str | None = None
    """What the user calls it."""
    type: str | None = None
    """What kind of node it is, in the words of the format."""


class TriggerInfo(Answer):
    """What begins or reaches runs of a drawn workflow from outside."""

    kind: str
    """`schedule` or `webhook`."""
    name: str
    """Of the schedule or the webhook, in the project."""
    definition: dict[str, Any]
    """As the body of the call that puts it; without `workflowType` where that is the workflow itself."""
    node: str | None = None


class CompileResult(Answer):
    """What a compiler made of a drawing, which was not stored."""

    compiler: str
    """Its name and version."""
    workflow_code: str
    """Empty where there are problems."""
    activities_code: str | None = None
    """Where the compiler brings activities itself."""
    modules: dict[str, str] | None = None
    """Further modules by their names, where the compiler brings some."""
    map: tuple[NodeLineInfo, ...]
    """Where the code of each node begins."""
    problems: tuple[DrawingProblemInfo, ...]
    """Why the drawing would be refused; all of them."""
    warnings: tuple[DrawingProblemInfo, ...]
    triggers: tuple[TriggerInfo, ...]
    """What would be set up when the drawing is published."""
