"""Compiles JavaScript expressions and templates to expressions of Python."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass


class ExpressionError(ValueError):
    """An expression that is not supported, or is none. Its text is a sentence.

    Args:
        reason: what is wrong and what would do.
        column: where, from 1, in characters of the text.
    """

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class Scope:
    """What the names of expressions stand for."""

    names: Mapping[str, str]
    """Python variables by JavaScript name; a name may hold `-`, as ids of nodes do."""


def compile_expression(text: str, scope: Scope) -> ast.expr:
    """Return the Python expression that means what a JavaScript expression means.

    The code calls functions of the module `workerhost_drawings.v1.js`, under the name `js`.

    Raises:
        ExpressionError: the text is no expression, or uses what is not supported.
    """
    raise NotImplementedError


def compile_template(text: str, scope: Scope) -> ast.expr:
    """Return the Python expression of a text with `${…}` in it; one that is a single `${…}` keeps the value's type.

    Raises:
        ExpressionError: a part of it is no expression, or uses what is not supported.
    """
    raise NotImplementedError
