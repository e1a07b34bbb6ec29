"""What the compiler of expressions takes, and how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAX_EXPRESSION: Final = 100_000
"""Characters of an expression."""
MAX_TEMPLATE: Final = 1_100_000
"""Characters of a template."""
MAX_PARTS: Final = 1000
"""`${…}` in a template."""
MAX_DEPTH: Final = 60
"""Levels of expressions in expressions, in JavaScript and in the Python that comes of it."""


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
