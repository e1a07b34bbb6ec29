"""Holding values against schemas, in bounded time."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import Draft202012Validator, extend

from workerhost.code.cutting import cut
from workerhost.runtime.types.schemas import REFERENCE

LONGEST_MESSAGE = 300
"""Characters of what is said of a value, which is quoted there."""


class Validator:
    """Holds values against one schema. Safe to use from any thread.

    Args:
        schema: a safe one.
    """

    def __init__(self, schema: Any) -> None:
        self._validator = _Timed(schema)
        self._takes_anything = schema in ({}, True)

    def problem(self, value: Any, deadline: float) -> tuple[str, str] | None:
        """Return where a value does not fit and how, as `.items[0].amount` and `'x' is not of type 'integer'`.

        Args:
            value: of JSON.
            deadline: when the check gives up and lets the value through, in seconds of `time.monotonic`.
        """
        if self._takes_anything:
            return None
        # Whatever else goes wrong, as a schema without end, the project's code will say better.
        with contextlib.suppress(_TooLongError, RecursionError, ArithmeticError, TypeError, ValueError):
            return self._problem(value, deadline)
        return None

    def _problem(self, value: Any, deadline: float) -> tuple[str, str] | None:
        error = next(self._validator.evolve(format_checker=_Deadline(deadline)).iter_errors(value), None)
        if error is None:
            return None
        best = best_match([error])
        return _place(best), cut(best.message, LONGEST_MESSAGE)


class _TooLongError(Exception):
    """A check has taken too long."""


class _Deadline:
    """When a check gives up. It travels as the validator's format checker, as formats are not checked here."""

    def __init__(self, at: float) -> None:
        self.at = at


Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _timed(check: Keyword) -> Keyword:
    """Return the check of a keyword, as one that looks at the time first."""

    def timed(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        if time.monotonic() > validator.format_checker.at:
            raise _TooLongError
        return check(validator, value, instance, schema)

    return timed


def _refer(validator: Any, target: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    yield from validator.descend(instance, target)


_KEYWORDS: Mapping[str, Any] = {**Draft202012Validator.VALIDATORS, REFERENCE: _refer}
_Timed: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {name: _timed(check) for name, check in _KEYWORDS.items()}
)


def _place(error: ValidationError) -> str:
    parts = []
    for each in error.absolute_path:
        is_name = isinstance(each, str) and each.isidentifier()
        parts.append(f".{each}" if is_name else f"[{each}]" if isinstance(each, int) else f"[{cut(str(each), 100)!r}]")
    return cut("".join(parts), LONGEST_MESSAGE)
