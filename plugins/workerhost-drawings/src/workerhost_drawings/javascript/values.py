"""JSON values in whose texts expressions stand."""

from typing import Any

from workerhost_drawings.flow.expressions import Expression, JavaScript, ListOf, ObjectOf, Template, Value
from workerhost_drawings.javascript.expressions import ExpressionError
from workerhost_drawings.javascript.templates import split_template


def expression_of(value: Any, path: str) -> Expression:
    """Return a value with an expression for each text in it that holds one."""
    if isinstance(value, str):
        return Template(text=value, path=path) if "${" in value else Value(value=value)
    if isinstance(value, dict):
        fields = {key: expression_of(each, f"{path}.{key}") for key, each in value.items()}
        if all(isinstance(each, Value) for each in fields.values()):
            return Value(value=value)
        return ObjectOf(fields=fields)
    if isinstance(value, list):
        items = [expression_of(each, f"{path}.{index}") for index, each in enumerate(value)]
        return Value(value=value) if all(isinstance(each, Value) for each in items) else ListOf(items=items)
    return Value(value=value)


def is_single(text: str) -> bool:
    """Tell whether a text is one `${…}` and nothing else."""
    try:
        parts = split_template(text) if text.startswith("${") else []
    except ExpressionError:
        return False
    return [kind for kind, _, _ in parts] == ["expression"]


def text_of(text: str, path: str) -> Expression:
    """Return a text with expressions in it that is a text also where it is a single expression."""
    return JavaScript(code=f"`{text}`", path=path) if is_single(text) else expression_of(text, path)
