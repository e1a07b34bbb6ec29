"""Bounds of what a build's code says of its types, which may be anything: sizes, depth, characters.

The process that checks code keeps to them, so that honest code passes, and the host applies them again.
"""

import itertools
import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from workerhost.code.cutting import cut
from workerhost.code.schemas.making import ArgumentsSchema, Schema
from workerhost.code.schemas.types import ActivityType, BuildTypes, MessageType, WorkflowType
from workerhost.words import MessageKind

LARGEST_TYPES = 1024**2
"""Bytes of the types of one build as JSON; past them, the largest schemas say nothing."""

LARGEST_SCHEMA = 128 * 1024
"""Bytes of one schema as JSON; a larger one says nothing."""

DEEPEST_SCHEMA = 60
"""Levels of one schema; JSON of some 200 is not read back."""

LONGEST_DESCRIPTION = 2000
"""Characters of a description."""

MOST_BITS = 1024
"""Of a whole number in a schema: Python does not write longer ones than some 4300 digits."""

T = TypeVar("T", WorkflowType, ActivityType, MessageType)


def bounded(types: BuildTypes) -> BuildTypes:
    """Return the types within the bounds; a schema that is beyond them takes anything."""
    cleaned = _each_schema(types, _clean)
    sizes = sorted(_size(schema) for schema in _schemas(cleaned))
    left = LARGEST_TYPES - _size(_each_schema(cleaned, lambda _: {}).to_json())
    if left < 0:
        return _names_alone(cleaned)
    too_large = next(
        (size for size, so_far in zip(sizes, itertools.accumulate(sizes), strict=True) if so_far > left), None
    )
    if too_large is None:
        return cleaned
    return _each_schema(cleaned, lambda schema: schema if _size(schema) < too_large else {})


def _names_alone(types: BuildTypes) -> BuildTypes:
    """Return the types without all that can be left out, as there are thousands of names with long descriptions.

    Nothing is refused because of a name that is not here, so that kinds of messages of which some are left out count as
    set at run time.
    """

    def bare(each: T) -> T:
        return replace(each, description="", arguments=replace(each.arguments, schema={}))

    def with_messages(each: WorkflowType) -> WorkflowType:
        return replace(each, messages={kind: tuple(map(bare, found)) for kind, found in each.messages.items()})

    workflows = [replace(bare(each), result={}) for each in types.workflows]
    activities = tuple(replace(bare(each), result={}) for each in types.activities)
    named = replace(types, workflows=tuple(map(with_messages, workflows)), activities=activities)
    if _size(named.to_json()) <= LARGEST_TYPES:
        return named
    workflows = [replace(each, messages={}) for each in workflows]
    named = BuildTypes(tuple(workflows), activities, tuple(MessageKind))
    return named if _size(named.to_json()) <= LARGEST_TYPES else BuildTypes(set_at_run_time=tuple(MessageKind))


def _each_schema(types: BuildTypes, change: Any) -> BuildTypes:
    def argued(each: T) -> T:
        return replace(
            each,
            arguments=_changed(each.arguments, change),
            description=cut(_one_line(each.description), LONGEST_DESCRIPTION),
        )

    workflows = (
        replace(
            argued(each),
            result=change(each.result),
            messages={kind: tuple(map(argued, found)) for kind, found in each.messages.items()},
        )
        for each in types.workflows
    )
    activities = (replace(argued(each), result=change(each.result)) for each in types.activities)
    return replace(types, workflows=tuple(workflows), activities=tuple(activities))


def _changed(arguments: ArgumentsSchema, change: Any) -> ArgumentsSchema:
    return replace(arguments, schema=change(arguments.schema))


def _schemas(types: BuildTypes) -> Iterator[Schema]:
    for workflow in types.workflows:
        yield workflow.arguments.schema
        yield workflow.result
        for found in workflow.messages.values():
            yield from (each.arguments.schema for each in found)
    for activity in types.activities:
        yield activity.arguments.schema
        yield activity.result


def _clean(schema: Schema) -> Schema:
    """Return the schema with text that every database and client takes, or the empty one where it is beyond bounds."""
    try:
        found = _plain(schema, DEEPEST_SCHEMA)
        return found if _size(found) <= LARGEST_SCHEMA else {}
    except (TypeError, ValueError, RecursionError, OverflowError):
        return {}


def _plain(value: Any, levels: int) -> Any:
    if levels < 0:
        raise ValueError("it is nested too deeply")
    if isinstance(value, dict):
        return {_printable(key): _plain(each, levels - 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, levels - 1) for each in value]
    if isinstance(value, str):
        return _printable(value)
    if value is None or type(value) is bool:
        return value
    if type(value) is int and value.bit_length() <= MOST_BITS:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    raise TypeError("it is no JSON")


def _printable(text: str) -> str:
    if len(text) > LARGEST_SCHEMA:  # which looking at each character of it would find out seconds later
        raise ValueError("it is too long")
    return "".join(
        each if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs") else "\ufffd" for each in text
    )


def _one_line(text: str) -> str:
    return " ".join(_printable(text[: 2 * LONGEST_DESCRIPTION]).split())


def _size(value: Any) -> int:
    return len(json.dumps(value, default=str))
