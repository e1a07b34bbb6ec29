"""The catalogue: every activity that plugins contribute, with the JSON Schema of its input and output."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workerhost.code.definitions import ActivityDefinition, PluginActivity, activity_definition
from workerhost.code.project_process.setup import pickled
from workerhost.code.schemas.making import ArgumentsSchema, arguments_schema, description_of, result_schema
from workerhost.model import ActivitySet
from workerhost.plugins import Plugins


@dataclass(frozen=True)
class CatalogueEntry:
    """One activity of a plugin.

    Any thread may read it. The schemas are made when they are first read, since a start would take longer by them.
    """

    name: str
    plugin: str
    activity_set: str
    description: str
    activity: PluginActivity

    @cached_property
    def arguments(self) -> ArgumentsSchema:
        """What arguments it takes."""
        definition = self.activity.definition
        return arguments_schema(definition.fn, definition.arg_types)

    @cached_property
    def output_schema(self) -> Mapping[str, Any]:
        """JSON Schema of what it returns."""
        return result_schema(self.activity.definition.ret_type)

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """JSON Schema of its arguments."""
        return self.arguments.schema


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
        description=description_of(definition.fn),
        activity=PluginActivity(definition, _transferred(definition) if activity_set.beside_code else None),
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
