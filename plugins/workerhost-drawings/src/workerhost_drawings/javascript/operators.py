"""Operators."""

import ast
from collections.abc import Mapping
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.context import Context, Handler, bare, field_of
from workerhost_drawings.javascript.python import (
    as_condition,
    call,
    folded,
    is_boolean,
    is_undefined,
    kind_of,
    negated,
    thunk,
)

_ARITHMETIC: Final = {
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "remainder",
    "**": "power",
    "&": "bit_and",
    "|": "bit_or",
    "^": "bit_xor",
    "<<": "shift_left",
    ">>": "shift_right",
    ">>>": "shift_right_unsigned",
}
_ORDER: Final[Mapping[str, tuple[str, type[ast.cmpop]]]] = {
    "<": ("less", ast.Lt),
    ">": ("greater", ast.Gt),
    "<=": ("at_most", ast.LtE),
    ">=": ("at_least", ast.GtE),
}
_LOGICAL: Final = {"&&": "both", "||": "either", "??": "coalesce"}


def _operator(node: Node) -> str:
    return field_of(node, "operator").type


def _operands(node: Node, operator: str) -> list[Node]:
    """Return the operands of `a + b + c`, from left to right."""
    right: list[Node] = []
    while node.type == "binary_expression" and _operator(node) == operator:
        right.append(field_of(node, "right"))
        node = field_of(node, "left")
    return [node, *reversed(right)]


def _binary(context: Context, node: Node) -> ast.expr:
    operator = _operator(node)
    if operator in _LOGICAL:
        return _logical(context, node, operator)
    if operator == "+":
        return _sum([context.expr(each) for each in _operands(node, "+")])
    left, right = field_of(node, "left"), field_of(node, "right")
    if operator == "**" and left.type == "unary_expression":
        raise context.error("a sign before ** is not clear; put the power or the sign in round brackets", left)
    a, b = context.expr(left), context.expr(right)
    if operator in _ARITHMETIC:
        return folded(_ARITHMETIC[operator], a, b)
    if operator in _ORDER:
        return _ordered(operator, a, b)
    if operator in ("==", "!=", "===", "!=="):
        equal = _equal(a, b, strict=len(operator) == 3)
        return _opposite(equal) if operator[0] == "!" else equal
    if operator == "in":
        return call("has", a, b)
    raise context.error(f'the operator "{operator}" is not supported', node)


def _sum(operands: list[ast.expr]) -> ast.expr:
    """Put operands together, those at the beginning that are literals already now."""
    first, place = operands[0], 1
    while place < len(operands) and isinstance(first, ast.Constant):
        both = folded("add", first, operands[place])
        if not isinstance(both, ast.Constant):
            break
        first, place = both, place + 1
    return call("add", first, *operands[place:]) if place < len(operands) else first


def _logical(context: Context, node: Node, operator: str) -> ast.expr:
    operands = _operands(node, operator)
    for each in operands:
        mixed = each.type == "binary_expression" and _operator(each) in _LOGICAL
        if mixed and "??" in (operator, _operator(each)):
            raise context.error(f"?? and {_operator(each)} stand together only with round brackets", each)
    values = [context.expr(each) for each in operands]
    if operator != "??" and all(is_boolean(each) for each in values):
        return ast.BoolOp(ast.And() if operator == "&&" else ast.Or(), values)
    return call(_LOGICAL[operator], values[0], *[thunk(each) for each in values[1:]])


def _ordered(operator: str, a: ast.expr, b: ast.expr) -> ast.expr:
    name, compare = _ORDER[operator]
    literals = isinstance(a, ast.Constant) and isinstance(b, ast.Constant)
    if kind_of(a) == kind_of(b) == "number" and not literals:
        return ast.Compare(a, [compare()], [b])
    return folded(name, a, b)


def _equal(a: ast.expr, b: ast.expr, *, strict: bool) -> ast.expr:
    if isinstance(a, ast.Constant) and isinstance(b, ast.Constant):
        return folded("strict_equals" if strict else "equals", a, b)
    for value, other in ((a, b), (b, a)):
        if is_undefined(other) or (isinstance(other, ast.Constant) and other.value is None):
            if isinstance(value, ast.Constant):
                return ast.Constant(value.value is None and not strict)
            return ast.Compare(value, [ast.Is()], [other]) if strict else call("is_nullish", value)
    if strict and (_compares_plainly(a) or _compares_plainly(b)):
        literal = a if isinstance(a, ast.Constant) else b
        same = ast.Is() if isinstance(literal, ast.Constant) and isinstance(literal.value, bool) else ast.Eq()
        return ast.Compare(a, [same], [b])
    if kind_of(a) is not None and kind_of(a) == kind_of(b):
        return ast.Compare(a, [ast.Eq()], [b])
    return call("strict_equals" if strict else "equals", a, b)


def _compares_plainly(node: ast.expr) -> bool:
    """Return whether `== node` means in Python what `===` means: not with 0 and 1, which are False and True there."""
    return isinstance(node, ast.Constant) and (isinstance(node.value, (str, bool)) or node.value not in (0, 1))


def _opposite(equal: ast.expr) -> ast.expr:
    if isinstance(equal, ast.Compare) and isinstance(equal.ops[0], (ast.Eq, ast.Is)):
        opposite = ast.NotEq() if isinstance(equal.ops[0], ast.Eq) else ast.IsNot()
        return ast.Compare(equal.left, [opposite], equal.comparators)
    return negated(equal)


def condition(context: Context, node: Node) -> ast.expr:
    """Return the Python condition that is so where JavaScript takes a node's value as true."""
    node = bare(node)
    if node.type == "binary_expression" and _operator(node) in ("&&", "||"):
        operator = _operator(node)
        operands = _operands(node, operator)
        if not any(each.type == "binary_expression" and _operator(each) == "??" for each in operands):
            with context.deeper(node):
                values = [condition(context, each) for each in operands]
            return ast.BoolOp(ast.And() if operator == "&&" else ast.Or(), values)
    return as_condition(context.expr(node))


def _unary(context: Context, node: Node) -> ast.expr:
    operator, argument = _operator(node), field_of(node, "argument")
    if operator == "!":
        return negated(condition(context, argument))
    if operator in ("delete", "void"):
        raise context.error(f'"{operator}" is not supported; undefined is written undefined', node)
    value = context.expr(argument)
    if operator == "-":
        return folded("negate", value)
    return folded({"+": "number", "~": "bit_not", "typeof": "type_of"}[operator], value)


def _ternary(context: Context, node: Node) -> ast.expr:
    test = condition(context, field_of(node, "condition"))
    return ast.IfExp(test, context.expr(field_of(node, "consequence")), context.expr(field_of(node, "alternative")))


OPERATORS: Final[Mapping[str, Handler]] = {
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
}
"""What compiles each of them."""
