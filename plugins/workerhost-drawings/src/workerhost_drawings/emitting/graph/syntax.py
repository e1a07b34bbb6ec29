"""Small parts of Python's syntax tree that control flow is made of."""

import ast
from collections.abc import Sequence

MARKER = "skip_to"
"""The variable that says which step goes on, while the code before that step is passed over; else None."""


def name(of: str) -> ast.Name:
    """Return the read of a variable."""
    return ast.Name(id=of, ctx=ast.Load())


def mark(step: str | None) -> ast.stmt:
    """Return the statement that names the step that goes on; None for the one that comes next."""
    return ast.Assign([ast.Name(MARKER, ast.Store())], ast.Constant(step))


def marked(steps: Sequence[str | None]) -> ast.expr:
    """Return the test whether one of some steps goes on."""
    values: list[ast.expr] = [ast.Constant(step) for step in steps]
    if len(values) > 1:
        return ast.Compare(name(MARKER), [ast.In()], [ast.Tuple(values, ast.Load())])
    return ast.Compare(name(MARKER), [ast.Is() if steps[0] is None else ast.Eq()], values)


def any_marked() -> ast.expr:
    """Return the test whether code is passed over."""
    return ast.Compare(name(MARKER), [ast.IsNot()], [ast.Constant(None)])


def negated(test: ast.expr) -> ast.expr:
    """Return the test that is so where another is not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


def either(tests: list[ast.expr]) -> ast.expr:
    """Return the test whether the first, or else the next, and so on, is so."""
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)


def branched(arms: Sequence[tuple[ast.expr, list[ast.stmt]]], otherwise: list[ast.stmt]) -> list[ast.stmt]:
    """Return `if`, `elif` and `else`. Where only the `else` of one test has statements, the test is negated."""
    if len(arms) == 1 and not arms[0][1] and otherwise:
        return [ast.If(negated(arms[0][0]), otherwise, [])]
    for test, body in reversed(arms):
        otherwise = [ast.If(test, body or [ast.Pass()], otherwise)]
    return otherwise


def drop_last_mark(statements: list[ast.stmt]) -> None:
    """Remove the statement that marks no step, if nothing behind it looks at the variable."""
    for at in range(len(statements) - 1, -1, -1):
        if any(isinstance(node, ast.Name) and node.id == MARKER for node in ast.walk(statements[at])):
            if isinstance(statements[at], ast.Assign):
                del statements[at]
            return


def runs_out(statements: Sequence[ast.stmt]) -> bool:
    """Return whether the code that stands behind some statements may be reached.

    It is not where the last of them is `return`, `raise`, `break`, `continue`, an `if` of which each arm ends with such
    a statement, or a `while True` without a `break` of its own.
    """
    last = statements[-1] if statements else None
    while isinstance(last, ast.If) and last.orelse and not runs_out(last.body):
        last = last.orelse[-1]
    if isinstance(last, ast.While) and isinstance(last.test, ast.Constant) and last.test.value is True:
        return _breaks(last)
    return not isinstance(last, (ast.Return, ast.Raise, ast.Break, ast.Continue))


def _breaks(loop: ast.While) -> bool:
    waiting: list[ast.AST] = list(loop.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
            waiting.extend(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            waiting.extend(ast.iter_child_nodes(node))
    return False
