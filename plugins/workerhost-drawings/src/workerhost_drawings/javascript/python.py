"""The Python that expressions become: calls of `js`, and what is known of their values."""

import ast
import math
from typing import Final

from workerhost_drawings.v1 import js

_BOOLEAN: Final = frozenset(
    [
        "at_least",
        "at_most",
        "equals",
        "greater",
        "has",
        "is_array",
        "is_finite",
        "is_integer",
        "is_nan",
        "is_nullish",
        "is_number_finite",
        "is_number_nan",
        "is_safe_integer",
        "less",
        "strict_equals",
        "truthy",
    ]
)
_NUMBER: Final = frozenset(
    [
        "bit_and",
        "bit_not",
        "bit_or",
        "bit_xor",
        "divide",
        "multiply",
        "negate",
        "now",
        "number",
        "parse_float",
        "parse_int",
        "power",
        "remainder",
        "shift_left",
        "shift_right",
        "shift_right_unsigned",
        "subtract",
    ]
)
_TEXT: Final = frozenset({"concat", "now_text", "text", "type_of"})
_MAX_FOLDED: Final = 1000
"""Characters of a text that is made while compiling."""


def attribute(name: str) -> ast.expr:
    """Return `js.<name>`; a name may hold points."""
    result: ast.expr = ast.Name("js", ast.Load())
    for part in name.split("."):
        result = ast.Attribute(result, part, ast.Load())
    return result


def call(name: str, *arguments: ast.expr) -> ast.expr:
    """Return `js.<name>(…)`."""
    return ast.Call(attribute(name), list(arguments), [])


def folded(name: str, *arguments: ast.expr) -> ast.expr:
    """Return `js.<name>(…)`, or its value where the arguments are literals."""
    if all(isinstance(each, ast.Constant) for each in arguments):
        values = [each.value for each in arguments if isinstance(each, ast.Constant)]
        value = getattr(js, name)(*values)
        if type(value) in (int, bool) or (type(value) is float and math.isfinite(value)):
            return ast.Constant(value)
        if type(value) is str and len(value) <= _MAX_FOLDED:
            return ast.Constant(value)
    return call(name, *arguments)


def thunk(body: ast.expr) -> ast.expr:
    """Return `lambda: body`."""
    return function([], body)


def function(parameters: list[str], body: ast.expr) -> ast.expr:
    """Return `lambda parameters: body`."""
    arguments = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [])
    return ast.Lambda(arguments, body)


def is_undefined(node: ast.expr) -> bool:
    """Return whether an expression is `js.undefined`."""
    return isinstance(node, ast.Attribute) and node.attr == "undefined" and _called_name(node) == "undefined"


def _called_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "js":
        return node.attr
    return None


def is_boolean(node: ast.expr) -> bool:
    """Return whether an expression that was compiled from JavaScript is always True or False."""
    match node:
        case ast.Constant():
            return isinstance(node.value, bool)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.BoolOp():
            return all(is_boolean(each) for each in node.values)
        case ast.IfExp():
            return is_boolean(node.body) and is_boolean(node.orelse)
        case ast.Call():
            return _called_name(node.func) in _BOOLEAN
    return False


def kind_of(node: ast.expr) -> str | None:
    """Return the kind that an expression always has, `number` or `text`, if that is known."""
    if isinstance(node, ast.Constant):
        return {int: "number", float: "number", str: "text"}.get(type(node.value))
    if isinstance(node, ast.Call):
        name = _called_name(node.func)
        is_math = isinstance(node.func, ast.Attribute) and _called_name(node.func.value) == "math"
        if name in _NUMBER or is_math:
            return "number"
        return "text" if name in _TEXT else None
    return None


def as_condition(node: ast.expr) -> ast.expr:
    """Return an expression that is True where a JavaScript condition takes the value as true."""
    return node if is_boolean(node) else folded("truthy", node)


def negated(condition: ast.expr) -> ast.expr:
    """Return the opposite of a condition."""
    if isinstance(condition, ast.Constant):
        return ast.Constant(not condition.value)
    return ast.UnaryOp(ast.Not(), condition)


def depth(root: ast.expr) -> int:
    """Return how deep expressions stand in expressions."""
    deepest = 0
    stack: list[tuple[ast.AST, int]] = [(root, 0)]
    while stack:
        node, level = stack.pop()
        level += isinstance(node, ast.expr)
        deepest = max(deepest, level)
        stack.extend((child, level) for child in ast.iter_child_nodes(node))
    return deepest
