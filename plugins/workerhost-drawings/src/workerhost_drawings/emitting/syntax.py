"""Short ways to make parts of Python's syntax tree."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

DEEPEST_VALUE = 60
"""Levels of a JSON value; Python's own parser gives up at 200 brackets."""


class TooDeepError(ValueError):
    """A JSON value that is nested deeper than code may be."""


def name(text: str) -> ast.expr:
    """Return a name, or an attribute of one: `workflow.sleep`."""
    first, *rest = text.split(".")
    made: ast.expr = ast.Name(first, ast.Load())
    for each in rest:
        made = ast.Attribute(made, each, ast.Load())
    return made


def call(function: str, *arguments: ast.expr, **keywords: ast.expr | None) -> ast.Call:
    """Return a call; a keyword whose value is None is left out."""
    given = [ast.keyword(key, value) for key, value in keywords.items() if value is not None]
    return ast.Call(name(function), list(arguments), given)


def constant(value: str | float | None) -> ast.expr:
    """Return a literal; a negative number as a person writes it."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def literal(value: Any, depth: int = 0) -> ast.expr:
    """Return the literal of a JSON value.

    Raises:
        TooDeepError: it is nested deeper than `DEEPEST_VALUE`.
    """
    if depth > DEEPEST_VALUE:
        raise TooDeepError(f"the value is nested deeper than {DEEPEST_VALUE} levels")
    if isinstance(value, dict):
        return ast.Dict([constant(str(key)) for key in value], [literal(each, depth + 1) for each in value.values()])
    if isinstance(value, list | tuple):
        return ast.List([literal(each, depth + 1) for each in value], ast.Load())
    return constant(value)


def awaited(value: ast.expr) -> ast.expr:
    """Return `await` of an expression."""
    return ast.Await(value)


def statement(value: ast.expr) -> ast.stmt:
    """Return an expression as a statement."""
    return ast.Expr(value)


def assign(target: str, value: ast.expr) -> ast.stmt:
    """Return the assignment to a name."""
    return ast.Assign([ast.Name(target, ast.Store())], value)


def assign_or_call(target: str | None, value: ast.expr) -> ast.stmt:
    """Return an assignment, or only the call where nobody wants its value."""
    return assign(target, value) if target else statement(value)


def function(named: str, body: Sequence[ast.stmt]) -> ast.AsyncFunctionDef:
    """Return `async def <name>() -> Any`."""
    return ast.AsyncFunctionDef(named, _no_arguments(), list(body) or [ast.Pass()], [], name("Any"))


def lambda_of(parameters: Sequence[str], body: ast.expr) -> ast.expr:
    """Return `lambda <parameters>: <body>`."""
    arguments = _no_arguments()
    arguments.args = [ast.arg(each) for each in parameters]
    return ast.Lambda(arguments, body)


def negated(test: ast.expr) -> ast.expr:
    """Return `not <test>`."""
    return ast.UnaryOp(ast.Not(), test)


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])


def free_names(node: ast.AST, bound: frozenset[str] = frozenset()) -> Iterator[ast.Name]:
    """Yield the names in a part of the tree, without those that a `lambda` in it binds, and without inner functions."""
    if isinstance(node, ast.AsyncFunctionDef):
        return
    if isinstance(node, ast.Name):
        if node.id not in bound:
            yield node
        return
    if isinstance(node, ast.Lambda):
        bound |= {each.arg for each in node.args.args}
    for each in ast.iter_child_nodes(node):
        yield from free_names(each, bound)


def inner_functions(node: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the functions that stand in a statement, without those within them."""
    if isinstance(node, ast.AsyncFunctionDef):
        yield node
    elif isinstance(node, ast.stmt | ast.ExceptHandler):
        for each in ast.iter_child_nodes(node):
            yield from inner_functions(each)
