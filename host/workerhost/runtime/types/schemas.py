"""Schemas that come from a project's code, which may be anything, as schemas that are safe to hold values against.

What is known to be harmless is kept, and all else left out: it admits more then, never less. Left out are patterns,
since one may take for ever; every reference but those to definitions of the schema itself, so that nothing is fetched;
and formats, as pydantic reads them in more forms than one.
"""

from collections.abc import Callable, Mapping
from typing import Any

REFERENCE = "definition"
"""The keyword for a reference in a safe schema; its value is the schema that is meant."""

_TYPES = {"null", "boolean", "integer", "number", "string", "array", "object"}


def safe_schema(schema: Mapping[str, Any]) -> Any:
    """Return the safe schema; one that refers to itself does so in memory as well.

    Args:
        schema: of bounded size and depth.
    """
    given = schema.get("$defs")
    known = given if isinstance(given, dict) else {}
    definitions: dict[str, dict[str, Any]] = {name: {} for name in known}
    for name, target in definitions.items():
        target.update(_as_object(_safe(known[name], definitions)))
    return _safe(schema, definitions)


def _as_object(schema: Any) -> dict[str, Any]:
    """Return a schema as an object, which `false` and `true` are not."""
    return schema if isinstance(schema, dict) else {} if schema else {"enum": []}


def _safe(schema: Any, definitions: Mapping[str, dict[str, Any]]) -> Any:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        return {}
    found: dict[str, Any] = {}
    prefix, _, name = str(schema.get("$ref", "")).rpartition("/")
    if prefix == "#/$defs" and name in definitions:
        found[REFERENCE] = definitions[name]
    for keyword, value in schema.items():
        if keyword in _PLAIN and _PLAIN[keyword](value):
            found[keyword] = value
        else:
            found |= _nested(keyword, value, definitions)
    if "patternProperties" in schema:  # what has no pattern is not known then
        found.pop("additionalProperties", None)
    return found


def _nested(keyword: str, value: Any, definitions: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a keyword that holds other schemas, if it is one that is known and says something."""
    if keyword in _SCHEMA and isinstance(value, dict | bool):
        inner = _safe(value, definitions)
        return {} if inner in ({}, True) else {keyword: inner}  # or a million items would be looked at for nothing
    if keyword in _SCHEMAS and isinstance(value, list):
        return {_SCHEMAS[keyword]: [_safe(each, definitions) for each in value]}
    if keyword == "properties" and isinstance(value, dict):
        return {keyword: {name: _safe(each, definitions) for name, each in value.items()}}
    return {}


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_anything(_: Any) -> bool:
    return True


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_step(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return all(isinstance(each, str) and each in _TYPES for each in names)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": _is_list,
    "const": _is_anything,
    "required": _is_list_of_texts,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    "multipleOf": _is_step,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count),
}
"""Keywords with plain values, and what each must be."""

_SCHEMA = ("items", "additionalProperties", "propertyNames")
"""Keywords with a schema each."""

_SCHEMAS = {"prefixItems": "prefixItems", "allOf": "allOf", "anyOf": "anyOf", "oneOf": "anyOf"}
"""Keywords with several schemas each, and what stands for them: two that differ may be one without their patterns."""
