"""Compiles the syntax tree of an expression."""

import ast
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from tree_sitter import Node

from workerhost_drawings.javascript.base import MAX_DEPTH, ExpressionError, Scope
from workerhost_drawings.javascript.context import Context, Handler
from workerhost_drawings.javascript.literals import LITERALS
from workerhost_drawings.javascript.members import MEMBERS
from workerhost_drawings.javascript.operators import OPERATORS
from workerhost_drawings.javascript.operators import condition as condition_of
from workerhost_drawings.javascript.python import depth
from workerhost_drawings.javascript.source import parsed

_CHANGES: Final = "an expression changes nothing; a node that sets a variable does"
_FUNCTION: Final = "a function may stand only where a method such as map or filter takes one: item => item.id"
_REASONS: Final = {
    "arrow_function": _FUNCTION,
    "assignment_expression": f"an assignment is not supported: {_CHANGES}; equality is written ===",
    "augmented_assignment_expression": f"an assignment is not supported: {_CHANGES}",
    "await_expression": '"await" is not supported: an expression has nothing to wait for',
    "class": "classes are not supported in expressions",
    "function_expression": _FUNCTION,
    "function": _FUNCTION,
    "generator_function": _FUNCTION,
    "import": '"import" is not supported: an expression loads nothing',
    "jsx_element": "markup is not supported in expressions; a text stands in quotes",
    "jsx_self_closing_element": "markup is not supported in expressions; a text stands in quotes",
    "meta_property": '"import.meta" and "new.target" are not supported in expressions',
    "regex": "regular expressions are not supported; use includes, startsWith, endsWith or split",
    "sequence_expression": "one value is needed here; a comma stands between items of […] alone",
    "spread_element": '"..." stands in arrays, objects and calls alone',
    "super": '"super" is not supported in expressions',
    "this": '"this" is not supported: an expression has no object of its own; use input, state or a node\'s id',
    "update_expression": f"++ and -- are not supported: {_CHANGES}",
    "yield_expression": '"yield" is not supported in expressions',
}


def _refuse(reason: str) -> Handler:
    def refuse(context: Context, node: Node) -> NoReturn:
        raise context.error(reason, node)

    return refuse


_HANDLERS: Final[Mapping[str, Handler]] = {
    **{kind: _refuse(reason) for kind, reason in _REASONS.items()},
    **LITERALS,
    **OPERATORS,
    **MEMBERS,
}


def compiled(text: str, scope: Scope, before: int = 0, *, condition: bool = False) -> ast.expr:
    """Return the Python expression of a JavaScript expression.

    Args:
        text: the expression.
        scope: what its names stand for.
        before: characters of the template before it.
        condition: whether only its truth counts; True or False then.

    Raises:
        ExpressionError: it is none, or uses what is not supported.
    """
    source, root = parsed(text, scope.names, before)
    context = Context(source, scope, _HANDLERS)
    compile_root: Callable[[Context, Node], ast.expr] = condition_of if condition else Context.expr
    result = compile_root(context, root)
    if depth(result) > MAX_DEPTH:
        reason = f"the expression becomes code of more than {MAX_DEPTH} levels; make several of it"
        raise ExpressionError(reason, before + 1)
    return result
