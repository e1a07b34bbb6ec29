"""Compiles jq programs to expressions of Python."""

import ast
from collections.abc import Mapping

from workerhost_drawings.javascript.expressions import ExpressionError

__all__ = ["ExpressionError", "compile_jq"]


def compile_jq(code: str, data: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """Return the Python expression that runs a jq program.

    The code calls `jq.first` of `workerhost_drawings.v1`, under the name `jq`, which compiles each program once in a
    process.

    Args:
        code: the program, without the `${` and `}` around it.
        data: its input.
        names: what its variables stand for, without the `$`.

    Raises:
        ExpressionError: it does not compile, or uses what is no function of its input alone (`now`, `env`, `input`,
            `halt`, modules).
    """
    raise NotImplementedError
