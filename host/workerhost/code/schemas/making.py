"""JSON Schema of the arguments and the result of a function, from its annotations.

What is wrong with an annotation is never an error here: what nothing can be said of takes anything, as the empty schema
says.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pydantic_core
from pydantic import AliasChoices, AliasPath, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Mode = Literal["validation", "serialization"]

Schema = dict[str, Any]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class ArgumentsSchema:
    """What arguments a function takes."""

    schema: Schema = field(default_factory=dict)
    """Of the one argument; several are the items of an array, none is null."""
    required: int = 0
    """How many there must be at least."""
    most: int | None = None
    """How many there may be; None for any number."""
    is_array: bool = False
    """Whether the schema is that of several arguments."""


def arguments_schema(
    function: Callable[..., Any], types: Sequence[Any] | None, *, is_method: bool = False
) -> ArgumentsSchema:
    """Return what arguments a function takes.

    Args:
        function: whose signature says their names, and which of them may be left out.
        types: their annotations, None for one that there is not; None where none are known.
        is_method: whether its first parameter is the object itself.
    """
    parameters = list(inspect.signature(function).parameters.values())[int(is_method) :]
    named = [each for each in parameters if each.kind in _POSITIONAL]
    is_open = any(each.kind == inspect.Parameter.VAR_POSITIONAL for each in parameters)
    if types is None or len(types) != len(named):
        types = [None] * len(named)
    required = sum(1 for each in named if each.default is each.empty)
    if is_open:
        return ArgumentsSchema({}, required)
    if not named:
        return ArgumentsSchema({"type": "null"}, 0, 0)
    schemas, definitions = _schemas(types, "validation")
    if len(named) == 1:
        return ArgumentsSchema({**definitions, **schemas[0]}, required, 1)
    items = [_item(schema, each) for schema, each in zip(schemas, named, strict=True)]
    whole = {**definitions, "type": "array", "prefixItems": items, "minItems": required, "maxItems": len(items)}
    return ArgumentsSchema(whole, required, len(items), is_array=True)


def result_schema(type_hint: Any) -> Schema:
    """Return the schema of what a function returns that is annotated so; None for no annotation."""
    [schema], definitions = _schemas([type_hint], "serialization")
    return {**definitions, **schema}


def description_of(thing: object) -> str:
    """Return the first paragraph of a docstring as one line."""
    text = getattr(thing, "__doc__", None)
    return " ".join(text.strip().partition("\n\n")[0].split()) if isinstance(text, str) else ""


def _item(schema: Schema, parameter: inspect.Parameter) -> Schema:
    """Return the schema of one of several arguments, with its name, and its value where it is left out."""
    item = {**schema, "title": parameter.name}
    if parameter.default is parameter.empty:
        return item
    try:
        return {**item, "default": pydantic_core.to_jsonable_python(parameter.default)}
    except Exception:
        return item  # it may be left out, and its value cannot be shown


def _schemas(types: Sequence[Any], mode: Mode) -> tuple[list[Schema], Schema]:
    """Return the schema of each type, and the definitions that they refer to."""
    adapters = [(index, mode, each) for index, hint in enumerate(types) if (each := _adapter(hint, mode))]
    if not adapters:
        return [{} for _ in types], {}
    try:
        if len(types) == 1:
            return [adapters[0][2].json_schema(mode=mode, schema_generator=_Generator)], {}
        found, rest = TypeAdapter.json_schemas(adapters, schema_generator=_Generator)
    except Exception:
        return [{} for _ in types], {}
    definitions = {"$defs": rest["$defs"]} if "$defs" in rest else {}
    return [found.get((index, mode), {}) for index, _ in enumerate(types)], definitions


def _adapter(type_hint: Any, mode: Mode) -> TypeAdapter[Any] | None:
    """Return what makes the schema of a type; None where nothing does. Code of the type itself may run."""
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(Any if type_hint is None else type_hint)
        adapter.json_schema(mode=mode, schema_generator=_Generator)
    except Exception:
        return None
    return adapter


class _Generator(GenerateJsonSchema):
    """Says what pydantic takes of a model whose fields may stand under several names, and warns of nothing."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default", "skipped-discriminator"}

    def model_schema(self, schema: Any) -> Schema:
        """Return the schema of a model."""
        made = super().model_schema(schema)
        if self.mode == "validation":
            for name in _named_otherwise(schema["cls"]):
                made["required"] = [each for each in made.get("required", ()) if each != name]
                made.pop("additionalProperties", None)
            if not made.get("required", True):
                del made["required"]
        return made


def _named_otherwise(model: Any) -> list[str]:
    """Return the names in the schema of a model's fields that may stand under another name as well."""
    by_name = model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name")
    found = []
    for name, info in model.model_fields.items():
        alias = info.validation_alias
        if isinstance(alias, AliasChoices | AliasPath):
            first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
            found.append(str(first.path[0]) if isinstance(first, AliasPath) else first)
            found.append(name)
        elif alias is not None and alias != name and by_name:
            found.append(alias)
    return found
