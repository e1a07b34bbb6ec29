"""Compiles JavaScript expressions and templates to expressions of Python."""

import ast

from workerhost_drawings.javascript.base import ExpressionError, Scope
from workerhost_drawings.javascript.compiler import compiled
from workerhost_drawings.javascript.names import names_of
from workerhost_drawings.javascript.python import folded, is_boolean
from workerhost_drawings.javascript.templates import split_template

__all__ = [
    "ExpressionError",
    "Scope",
    "compile_condition",
    "compile_expression",
    "compile_template",
    "is_boolean",
    "names_of",
]


def compile_expression(text: str, scope: Scope) -> ast.expr:
    """Return the Python expression that means what a JavaScript expression means.

    The code calls functions of the module `workerhost_drawings.v1.js`, under the name `js`.

    Raises:
        ExpressionError: the text is no expression, or uses what is not supported.
    """
    return compiled(text, scope)


def compile_condition(text: str, scope: Scope) -> ast.expr:
    """Return the Python expression that is True where JavaScript takes an expression's value as true, and else False.

    Raises:
        ExpressionError: the text is no expression, or uses what is not supported.
    """
    return compiled(text, scope, condition=True)


def compile_template(text: str, scope: Scope) -> ast.expr:
    """Return the Python expression of a text with `${…}` in it; one that is a single `${…}` keeps the value's type.

    Raises:
        ExpressionError: a part of it is no expression, or uses what is not supported.
    """
    if "${" not in text and len(text) <= 1000:
        return ast.Constant(text)
    parts = split_template(text)
    if len(parts) == 1 and parts[0][0] == "expression":
        return compiled(parts[0][1], scope, before=parts[0][2])
    values = [
        ast.Constant(part) if kind == "text" else compiled(part, scope, before=before) for kind, part, before in parts
    ]
    return values[0] if len(values) == 1 else folded("concat", *values)
