"""jq expressions of drawings. Each program is compiled once in a process."""

import json
from functools import lru_cache
from typing import Any

import jq as _jq

from workerhost_drawings.v1 import errors

MOST_PROGRAMS = 10_000
"""Programs that a process keeps compiled."""

_DATA = "$workerhost_data"


def first(program: str, data: object, /, **names: object) -> Any:
    """Return the first output of a jq program, or None where it has none.

    Args:
        program: what the compiler of drawings has checked.
        data: its input, JSON; JavaScript's undefined is null.
        names: the values of its variables, by name without the `$`.

    Raises:
        ApplicationError: it failed; an error of Open Workflow of the type `expression`.
    """
    text = json.dumps([data, names] if names else data, default=_missing)
    try:
        return next(iter(_compiled(program, tuple(names)).input_text(text)), None)
    except ValueError as error:
        raise errors.make(errors.standard("expression", f"{program:.300}: {error!s:.1000}")) from None


def truthy(value: object) -> bool:
    """Tell whether jq takes a value for true: anything but false and null."""
    return value is not None and value is not False and _is_there(value)


@lru_cache(MOST_PROGRAMS)
def _compiled(program: str, names: tuple[str, ...]) -> Any:
    if not names:
        return _jq.compile(program)
    # The variables are a part of the input, so that other values of them need no other program. The end of the line
    # ends a comment at the end of the program.
    wanted = ", ".join(f"${name}" for name in names)
    return _jq.compile(f". as [{_DATA}, {{{wanted}}}] | {_DATA} | ({program}\n)")


def _is_there(value: object) -> bool:
    return isinstance(value, str | int | float | list | tuple | dict)


def _missing(_: object) -> None:
    """Stand for what is no JSON, which is JavaScript's undefined: null."""
