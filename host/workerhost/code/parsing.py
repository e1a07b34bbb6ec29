"""Parsing sources, one at a time."""

import ast
import threading

_PARSING = threading.Lock()


def parse(source: str) -> ast.Module:
    """Return the syntax tree of a source.

    One thread at a time: Python 3.11 counts the depth of all threads together and fails with SystemError where two
    make trees at once (https://github.com/python/cpython/issues/106905).

    Raises:
        SyntaxError: it does not parse.
    """
    with _PARSING:
        return ast.parse(source)
