"""TypeScript types from the JSON Schemas that pydantic makes of the API's models."""

import json
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

Schema = Mapping[str, Any]

REFERENCE = "#/components/schemas/"

SHAPES = frozenset(
    ("$ref", "anyOf", "oneOf", "allOf", "const", "enum", "type", "items", "prefixItems", "properties", "required")
) | {"additionalProperties", "patternProperties"}
"""The keywords of JSON Schema that become types."""
BOUNDS = frozenset(
    ("title", "description", "default", "examples", "deprecated", "discriminator", "format", "pattern", "propertyNames")
) | {
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Those that do not: the service says what is wrong with a value."""

PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
OTHER_TEXT = "(string & {})"
"""Any text beside the words of a union, in which an editor still offers the words."""

_NAME = re.compile(r"[A-Za-z_$][\w$]*")


class NotTranslatableError(Exception):
    """The document holds something that has no form in TypeScript here."""


def types_of(schemas: Mapping[str, Schema], names: Set[str]) -> str:
    """Return the declarations of the named schemas and of all that they name.

    Raises:
        NotTranslatableError: one of them holds a keyword that is not known here.
    """
    wanted, found = set(names), set[str]()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= references(schemas[name]) - found
    return "".join(_declaration(name, schemas[name]) for name in sorted(found))


def references(schema: Any) -> set[str]:
    """Return the names of the schemas that one names."""
    return set(re.findall(rf'"\$ref": "{re.escape(REFERENCE)}(\w+)"', json.dumps(schema)))


def _declaration(name: str, schema: Schema) -> str:
    said = comment(schema.get("description"))
    try:
        if schema.get("type") == "object" and "properties" in schema:
            return f"{said}export interface {name} {{\n{''.join(_members(schema))}}}\n\n"
        return f"{said}export type {name} = {type_of(schema)};\n\n"
    except NotTranslatableError as error:
        raise NotTranslatableError(f"{name}: {error}") from error


def _members(schema: Schema) -> Iterator[str]:
    for name, each in schema["properties"].items():
        mark = "" if name in schema.get("required", ()) else "?"
        yield f"{comment(each.get('description'), '  ')}  {key(name)}{mark}: {type_of(each)};\n"
    if others := schema.get("additionalProperties"):
        yield f"  [key: string]: {'unknown' if others is True else type_of(others)};\n"


def type_of(schema: Schema) -> str:
    """Return the type of a value.

    Raises:
        NotTranslatableError: the schema holds a keyword that is not known here.
    """
    if unknown := schema.keys() - SHAPES - BOUNDS:
        raise NotTranslatableError(f"no TypeScript is known for {', '.join(sorted(unknown))} in {json.dumps(schema)}")
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _union(choices)
    if "allOf" in schema:
        return " & ".join(type_of(each) for each in schema["allOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    return _by_type(schema)


def _union(choices: list[Schema]) -> str:
    """Return a union; a text beside words leaves the words to be offered."""
    made = dict.fromkeys(type_of(each) for each in choices)
    if "string" in made and any("$ref" in each or "enum" in each for each in choices):
        return " | ".join(OTHER_TEXT if each == "string" else each for each in made)
    return " | ".join(made)


def _by_type(schema: Schema) -> str:
    match schema.get("type"):
        case None:
            return "unknown"
        case "array":
            return _array(schema)
        case "object":
            return _object(schema)
        case "string" if schema.get("format") == "date-time":
            return "string | Date"  # only of what is sent: answers have text of a fixed form
        case str(name) if name in PLAIN:
            return PLAIN[name]
        case other:
            raise NotTranslatableError(f"no TypeScript is known for the type {other}")


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(each) for each in schema['prefixItems'])}]"
    return f"Array<{type_of(schema.get('items', {}))}>"


def _object(schema: Schema) -> str:
    if "properties" in schema:
        return f"{{ {' '.join(''.join(_members(schema)).split())} }}"
    others = schema.get("additionalProperties")
    values = list(schema.get("patternProperties", {}).values()) or ([others] if isinstance(others, dict) else [{}])
    return f"Record<string, {' | '.join(dict.fromkeys(type_of(each) for each in values))}>"


def key(name: str) -> str:
    """Return a name as the key of an object."""
    return name if _NAME.fullmatch(name) else json.dumps(name)


def comment(text: str | None, indent: str = "") -> str:
    """Return a documentation comment, and nothing where there is nothing to say."""
    if not text:
        return ""
    lines = re.sub(r"\bNone\b", "null", text).replace("*/", "*\\/").splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"
