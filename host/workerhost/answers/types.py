"""Answers about what the workflow types and activities of a build take and return."""

from collections.abc import Mapping
from typing import Any

from workerhost.answers.base import Answer
from workerhost.words import BuildId


class MessageTypeInfo(Answer):
    """A signal, a query or an update that a workflow type has."""

    name: str
    """`(dynamic)` for a handler that takes every other name."""
    description: str
    input_schema: Mapping[str, Any]
    """JSON Schema of its argument; of an array where there are several."""


class WorkflowTypeInfo(Answer):
    """What a workflow takes, returns and can be told."""

    name: str
    """`(dynamic)` for one that runs executions of every other type."""
    workflow: str | None
    """The workflow of the project whose code defines it; null where a module of the whole project does."""
    description: str
    """The beginning of its docstring."""
    input_schema: Mapping[str, Any]
    """JSON Schema of its argument; of an array where there are several."""
    result_schema: Mapping[str, Any]
    """JSON Schema of its result."""
    signals: tuple[MessageTypeInfo, ...]
    queries: tuple[MessageTypeInfo, ...]
    updates: tuple[MessageTypeInfo, ...]


class WorkflowTypeList(Answer):
    """The workflow types of a build, by name."""

    workflow_types: tuple[WorkflowTypeInfo, ...]
    build_id: BuildId | None
    """None where the project has no current build yet."""


class ProjectActivityInfo(Answer):
    """An activity that a project may call: one of its own, or one of a plugin."""

    name: str
    """`(dynamic)` for one that answers for every other name."""
    workflow: str | None = None
    """The workflow of the project whose code defines it; left out where a plugin or a module of the project does."""
    plugin: str | None = None
    """The plugin that brings it; left out where the project's code does."""
    activity_set: str | None = None
    """The plugin's activity set."""
    description: str
    input_schema: Mapping[str, Any]
    """JSON Schema of its argument; of an array where there are several."""
    output_schema: Mapping[str, Any]
    """JSON Schema of its result."""


class ProjectActivityList(Answer):
    """The activities that a project may call, by name."""

    activities: tuple[ProjectActivityInfo, ...]
    build_id: BuildId | None
    """None where the project has no current build yet."""
