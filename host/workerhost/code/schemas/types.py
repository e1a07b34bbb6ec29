"""The workflow types and activities of a build as plain values, which go between processes and are kept with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter

from workerhost.code.build import Build
from workerhost.code.definitions import ActivityDefinition, Definitions, WorkflowDefinition
from workerhost.code.schemas.making import ArgumentsSchema, Schema, arguments_schema, description_of, result_schema
from workerhost.model import DYNAMIC
from workerhost.words import MessageKind


@dataclass(frozen=True)
class MessageType:
    """A signal, a query or an update that a workflow type has."""

    name: str
    """`DYNAMIC` for what answers for every other name."""
    description: str = ""
    arguments: ArgumentsSchema = field(default_factory=ArgumentsSchema)


@dataclass(frozen=True)
class WorkflowType:
    """What a workflow takes, returns and can be told."""

    name: str
    """`DYNAMIC` for one that runs executions of every other type."""
    folder: str
    """The package in the build that defines it."""
    description: str = ""
    arguments: ArgumentsSchema = field(default_factory=ArgumentsSchema)
    result: Schema = field(default_factory=dict)
    messages: dict[MessageKind, tuple[MessageType, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ActivityType:
    """What an activity takes and returns."""

    name: str
    folder: str
    """The package in the build that defines it."""
    description: str = ""
    arguments: ArgumentsSchema = field(default_factory=ArgumentsSchema)
    result: Schema = field(default_factory=dict)


@dataclass(frozen=True)
class BuildTypes:
    """The types of one build, by name."""

    workflows: tuple[WorkflowType, ...] = ()
    activities: tuple[ActivityType, ...] = ()
    set_at_run_time: tuple[MessageKind, ...] = ()
    """Kinds of messages for which code of the build sets handlers while it runs, so that not all names are known."""

    def to_json(self) -> dict[str, Any]:
        """Return the types as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "BuildTypes":
        """Return the types that were stored as the values of `to_json`.

        Raises:
            ValueError: they are none.
        """
        return _TYPES.validate_python(stored)


_TYPES = TypeAdapter(BuildTypes)


def types_of(build: Build, definitions: Definitions) -> BuildTypes:
    """Return the types that a loaded build defines. Code of their annotations may run."""
    folders = {full: name.partition(".")[0] for full, name in build.module_names().items()}
    return BuildTypes(
        tuple(_workflow(name, each, folders) for name, each in sorted(definitions.workflows.items())),
        tuple(_activity(name, each, folders) for name, each in sorted(definitions.activities.items())),
        tuple(kind for kind in MessageKind if _sets(kind, build.modules.values())),
    )


def _workflow(name: str, definition: WorkflowDefinition, folders: Mapping[str, str]) -> WorkflowType:
    messages: dict[MessageKind, Mapping[str | None, Any]] = {
        MessageKind.SIGNAL: definition.signals,
        MessageKind.QUERY: definition.queries,
        MessageKind.UPDATE: definition.updates,
    }
    own = vars(definition.cls).get("__doc__")
    return WorkflowType(
        name,
        folders.get(definition.cls.__module__, ""),
        description_of(definition.cls) if own else "",
        ArgumentsSchema() if name == DYNAMIC else _arguments(definition.run_fn, definition.arg_types, is_method=True),
        result_schema(definition.ret_type),
        {kind: tuple(_message(each) for each in found.values()) for kind, found in messages.items()},
    )


def _message(handler: Any) -> MessageType:
    if handler.name is None:
        return MessageType(DYNAMIC, description_of(handler.fn))
    described = getattr(handler, "description", None)
    description = described if isinstance(described, str) and described else description_of(handler.fn)
    return MessageType(handler.name, description, _arguments(handler.fn, handler.arg_types, is_method=True))


def _activity(name: str, definition: ActivityDefinition, folders: Mapping[str, str]) -> ActivityType:
    return ActivityType(
        name,
        folders.get(getattr(definition.fn, "__module__", ""), ""),
        description_of(definition.fn),
        ArgumentsSchema() if name == DYNAMIC else _arguments(definition.fn, definition.arg_types),
        result_schema(definition.ret_type),
    )


def _arguments(function: Callable[..., Any], types: Any, *, is_method: bool = False) -> ArgumentsSchema:
    try:
        return arguments_schema(function, types, is_method=is_method)
    except Exception:  # a signature that cannot be read
        return ArgumentsSchema()


def _sets(kind: MessageKind, sources: Iterable[str]) -> bool:
    """Tell whether the code sets handlers of that kind while it runs, as far as its text shows."""
    names = (f"set_{kind}_handler", f"set_dynamic_{kind}_handler")
    return any(name in source for source in sources for name in names)
