"""The catalogue: every activity that plugins contribute, with the JSON Schema of its input and output."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydantic_core
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

from workerhost.code.definitions import ActivityDefinition, PluginActivity, activity_definition
from workerhost.code.project_process.setup import pickled
from workerhost.model import ActivitySet
from workerhost.plugins import Plugins


@dataclass(frozen=True)
class CatalogueEntry:
    """One activity of a plugin."""

    name: str
    plugin: str
    activity_set: str
    description: str
    activity: PluginActivity
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]


def build_catalogue(plugins: Plugins) -> dict[str, CatalogueEntry]:
    """Collect the activities of all plugins by name; a plugin whose activities are not in order is disabled."""
    catalogue: dict[str, CatalogueEntry] = {}
    for report, activity_sets in plugins.activity_sets():
        try:
            entries = _entries(report.name, activity_sets, catalogue)
        except Exception as error:
            plugins.disable(report.name, error)
            continue
        catalogue.update(entries)
        report.activities = sorted(entries)
    return catalogue


def _entries(
    plugin: str, activity_sets: Sequence[ActivitySet], taken: Mapping[str, CatalogueEntry]
) -> dict[str, CatalogueEntry]:
    entries: dict[str, CatalogueEntry] = {}
    for activity_set in activity_sets:
        activities: Any = activity_set.activities
        if not isinstance(activities, Iterable):
            kind = type(activities).__name__
            raise TypeError(f"the activities of set {activity_set.name} are not a list, but of type {kind}")
        for function in activities:
            entry = _entry(plugin, activity_set, activity_definition(function))
            other = taken.get(entry.name) or entries.get(entry.name)
            if other is not None:
                raise ValueError(
                    f"activity {entry.name} of set {activity_set.name} exists already "
                    f"in set {other.activity_set} of plugin {other.plugin}"
                )
            entries[entry.name] = entry
    return entries


def _entry(plugin: str, activity_set: ActivitySet, definition: ActivityDefinition) -> CatalogueEntry:
    if definition.name is None:
        raise ValueError("a plugin's activity must have a name; dynamic ones belong in project code")
    return CatalogueEntry(
        name=definition.name,
        plugin=plugin,
        activity_set=activity_set.name,
        description=" ".join((definition.fn.__doc__ or "").strip().partition("\n\n")[0].split()),
        activity=PluginActivity(definition, _transferred(definition) if activity_set.beside_code else None),
        input_schema=_input_schema(definition),
        output_schema=_schema(definition.ret_type, "serialization"),
    )


def _transferred(definition: ActivityDefinition) -> bytes:
    """Return the function for another process, which must not get more of the host than the function's name."""
    function = definition.fn
    if not inspect.isfunction(function) or "." in function.__qualname__:
        raise ValueError(
            f"activity {definition.name} is to run beside the code of projects, but is no function at the top level of "
            "a module"
        )
    return pickled(function)


def _input_schema(definition: ActivityDefinition) -> Mapping[str, Any]:
    """Return the schema of the one argument; several are the items of an array, none is null."""
    parameters = list(inspect.signature(definition.fn).parameters.values())
    types = definition.arg_types or [Any] * len(parameters)
    schemas = [_schema(each, "validation") for each in types]
    if len(schemas) == 1:
        return schemas[0]
    if not schemas:
        return {"type": "null"}
    items = [_item(schema, each) for schema, each in zip(schemas, parameters, strict=True)]
    required = sum(1 for each in parameters if each.default is each.empty)
    return {"type": "array", "prefixItems": items, "minItems": required, "maxItems": len(items)}


def _item(schema: Mapping[str, Any], parameter: inspect.Parameter) -> Mapping[str, Any]:
    """Return the schema of one of several arguments, with its name, and its value where it is left out."""
    item = {**schema, "title": parameter.name}
    if parameter.default is parameter.empty:
        return item
    try:
        return {**item, "default": pydantic_core.to_jsonable_python(parameter.default)}
    except ValueError:
        return item  # it may be left out, and its value cannot be shown


def _schema(type_hint: Any, mode: Any) -> Mapping[str, Any]:
    try:
        return TypeAdapter(Any if type_hint is None else type_hint).json_schema(mode=mode)
    except (PydanticSchemaGenerationError, PydanticUserError):
        return {}  # a type without a schema: anything goes, as JSON Schema's empty schema says
