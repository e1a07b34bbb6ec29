"""The names that an expression reads."""

import re
from collections.abc import Container
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.base import ExpressionError
from workerhost_drawings.javascript.builtins import GLOBALS
from workerhost_drawings.javascript.source import Source, parsed
from workerhost_drawings.javascript.templates import split_template

Names = list[tuple[str, str | None]]

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")

_WORDS: Final = (
    *("true", "false", "null", "undefined", "this", "new", "typeof", "in", "instanceof", "void", "delete", "return"),
    *("let", "const", "var", "function", "class", "JSON", "Math", "Date", "workflowInfo"),
)
"""What means something else than a variable."""

_PARAMETERS: Final = ("identifier", "shorthand_property_identifier_pattern")


def is_variable(name: str) -> bool:
    """Tell whether a text may be the name of a variable; letters of other scripts are not taken."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in _WORDS


def names_of(text: str, names: Container[str] = (), *, template: bool = False) -> Names:
    """Return the names that an expression reads, each with the member of it that is read, in order and once.

    `env.API_KEY + input` reads `("env", "API_KEY")` and `("input", None)`. Parameters of functions and JavaScript's own
    names are left out. Of what is no expression, nothing is returned.

    Args:
        text: an expression.
        names: names that are known, since those with `-` in them are otherwise subtractions.
        template: whether it is a text with `${…}` in it.
    """
    found: dict[tuple[str, str | None], None] = {}
    try:
        parts = split_template(text) if template else [("expression", text, 0)]
    except ExpressionError:
        return []
    for kind, part, _ in parts:
        if kind == "expression":
            found.update(dict.fromkeys(_read_by(part, names)))
    return list(found)


def _read_by(text: str, names: Container[str]) -> Names:
    try:
        source, root = parsed(text, names)
    except ExpressionError:
        return []
    result: Names = []
    stack: list[tuple[Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, bound = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier"):
            name = source.text(node)
            if name not in bound and (name in names or name not in GLOBALS):
                result.append((name, _member(source, node)))
        bound = bound | _bound_by(source, node) if node.type == "arrow_function" else bound
        stack.extend((child, bound) for child in reversed(node.children))
    return result


def _bound_by(source: Source, node: Node) -> frozenset[str]:
    stack = [child for name in ("parameter", "parameters") if (child := node.child_by_field_name(name))]
    found: list[str] = []
    while stack:
        each = stack.pop()
        if each.type in _PARAMETERS:
            found.append(source.text(each))
        stack.extend(each.children)
    return frozenset(found)


def _member(source: Source, node: Node) -> str | None:
    """Return the member of a name that is read, where it stands there as it is."""
    above = node.parent
    if above is None or above.child_by_field_name("object") != node:
        return None
    member = above.child_by_field_name("property")
    if member is not None:
        return source.text(member)
    index = above.child_by_field_name("index")
    if index is not None and index.type == "string" and "\\" not in source.text(index):
        return source.text(index)[1:-1]
    return None
