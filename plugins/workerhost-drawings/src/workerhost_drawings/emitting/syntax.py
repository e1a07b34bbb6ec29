"""Short ways to make parts of Python's syntax tree."""

import ast
from collections.abc import Iterator, Sequence
from typing import Any

DEEPEST_VALUE = 60
"""Levels of a JSON value; Python's own parser gives up at 200 brackets."""


_WITHOUT_NAMES = frozenset({"ctx", "op", "ops", "type_comment", "type_ignores", "type_params", "kind"})
"""Fields that hold no name. Of a constant, none does."""


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


def free_names(begin: ast.AST) -> Iterator[ast.Name]:
    """Yield the names in a part of the tree, without those that a `lambda` in it binds, and without inner functions."""
    nothing: frozenset[str] = frozenset()
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(begin, nothing)]
    while waiting:
        node, bound = waiting.pop()
        if isinstance(node, ast.Name):
            if node.id not in bound:
                yield node
            continue
        if isinstance(node, ast.Lambda):
            bound |= {each.arg for each in node.args.args}
        if not isinstance(node, ast.AsyncFunctionDef):
            waiting += [(each, bound) for each in parts(node)]


def parts(node: ast.AST) -> list[ast.AST]:
    """Return what a node is made of, without what never holds a name. `ast.iter_child_nodes` takes twice the time."""
    found: list[ast.AST] = []
    held = vars(node)
    for field in node._fields:
        value = held.get(field)
        if value is None or field in _WITHOUT_NAMES:
            continue
        if type(value) is list:
            found += [each for each in value if type(each) is not ast.Constant and isinstance(each, ast.AST)]
        elif type(value) is not ast.Constant and isinstance(value, ast.AST):
            found.append(value)
    return found


def inner_functions(node: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    """Yield the functions that stand in a statement, without those within them."""
    if isinstance(node, ast.AsyncFunctionDef):
        yield node
    elif isinstance(node, ast.stmt | ast.ExceptHandler):
        for each in parts(node):
            yield from inner_functions(each)


def with_lines(made: ast.AST) -> ast.AST:
    """Give statements lines, which `ast.unparse` asks for; `ast.fix_missing_locations` gives them to every node."""
    waiting = [made]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.stmt):
            each.lineno = 0
        if isinstance(each, ast.stmt | ast.ExceptHandler):
            waiting += [part for part in parts(each) if isinstance(part, ast.stmt | ast.ExceptHandler)]
    return made
