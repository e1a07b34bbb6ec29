"""Compiles jq programs to expressions of Python."""

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import jq

from workerhost_drawings.javascript.expressions import ExpressionError
from workerhost_drawings.jq.words import words

__all__ = ["ExpressionError", "check_jq", "compile_jq", "variables_of"]

LONGEST = 20_000
"""Characters of a program."""

_NOT_OF_THE_INPUT = {
    **dict.fromkeys(("now", "localtime", "strflocaltime"), "take the time from a task, or from `$workflow.startedAt`"),
    **dict.fromkeys(("env", "get_search_list", "modulemeta"), "what a run needs comes in its input"),
    **dict.fromkeys(("input", "inputs", "input_filename", "input_line_number"), "the input is `.`, or `$input`"),
    **dict.fromkeys(("halt", "halt_error"), "`raise` ends a run with an error, and `then: end` without one"),
    **dict.fromkeys(("import", "include"), "functions are defined with `def` in the expression itself"),
    **dict.fromkeys(("debug", "stderr"), "leave it out"),
}
_VARIABLES_OF_THE_PROCESS = ("ENV", "__prog_args")
_PATH = re.compile(r"(\.[a-z]+)+")
"""Compiles always, and stands in most documents more often than all else."""
_PLACE = re.compile(r"column (\d+)")


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
    check_jq(code, tuple(names))
    plain = [ast.keyword(name, value) for name, value in names.items() if not keyword.iskeyword(name)]
    others = [(ast.Constant(name), value) for name, value in names.items() if keyword.iskeyword(name)]
    if others:
        plain.append(ast.keyword(None, ast.Dict([name for name, _ in others], [value for _, value in others])))
    function = ast.Attribute(ast.Name("jq", ast.Load()), "first", ast.Load())
    return ast.Call(function, [ast.Constant(code), data], plain)


def variables_of(code: str) -> tuple[str, ...]:
    """Return the names of the variables that a program mentions, its own included, each once.

    Raises:
        ExpressionError: a text in it does not end.
    """
    return tuple(dict.fromkeys(each.name for each in words(code) if each.kind == "variable"))


@lru_cache(10_000)
def check_jq(code: str, names: Sequence[str]) -> None:
    """Check that a program compiles, and is a function of its input and its variables.

    Args:
        code: the program.
        names: of the variables that it gets, a tuple.

    Raises:
        ExpressionError: it is not.
    """
    if len(code) > LONGEST:
        raise ExpressionError(f"the expression has {len(code)} characters; at most {LONGEST} would do", 1)
    if "\0" in code:
        raise ExpressionError("the expression has a character of number 0, which jq does not read", 1)
    for each in words(code):
        if each.kind == "word" and each.name in _NOT_OF_THE_INPUT:
            reason = f"`{each.name}` is no function of the expression's input; {_NOT_OF_THE_INPUT[each.name]}"
            raise ExpressionError(reason, each.column)
        if each.kind == "variable" and each.name in _VARIABLES_OF_THE_PROCESS:
            raise ExpressionError(f"`${each.name}` is no function of the expression's input; use $secrets", each.column)
    if _PATH.fullmatch(code):
        return
    given = "".join(f"null as ${name} | " for name in names)
    try:
        jq.compile(f"{given}(\n{code}\n)")  # as it runs, in parentheses; no word of it ends them
    except ValueError as error:
        raise _refusal(_said_of(f"{given}\n{code}") or str(error)) from None


def _said_of(program: str) -> str | None:
    """Return what jq says of a program, without the parentheses that it runs in."""
    try:
        jq.compile(program)
    except ValueError as error:
        return str(error)
    return None


def _refusal(said: str) -> ExpressionError:
    lines = [each for each in said.splitlines() if each.strip()]
    place = _PLACE.search(said)
    reason = lines[0].removeprefix("jq: error: ").removesuffix(":") if lines else "it does not compile"
    reason = re.sub(r" at <top-level>.*", "", reason)
    return ExpressionError(f"jq does not compile it: {reason}", int(place[1]) if place else 1)
