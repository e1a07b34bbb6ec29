"""What JavaScript's values are in Python.

`null` is None, an object a dict, an array a list, and `undefined` the one `undefined`. A number is an int where it is
whole and exact (below 2**53), and a float otherwise, -0 too. Texts are read in UTF-16 units, as JavaScript reads them:
a character beyond U+FFFF has two, and so lengths and indices are JavaScript's own.
"""

import re
from collections.abc import Sized
from typing import Any, Final, NoReturn

from temporalio.exceptions import ApplicationError

MAX_SAFE: Final = 2**53 - 1
MAX_TEXT: Final = 10_000_000
"""Characters of a text that an expression makes."""
MAX_ITEMS: Final = 1_000_000
"""Items of an array that an expression makes."""
MAX_DEPTH: Final = 300
"""Values in values; deeper ones are neither written nor sent."""
_OF_ITEM: Final = MAX_TEXT // MAX_ITEMS
"""Characters that an item counts as."""
_OF_EACH: Final = 4
"""Items that an array or object itself counts as."""

INFINITY: Final = float("inf")
NEGATIVE_INFINITY: Final = -INFINITY
NAN: Final = float("nan")

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Undefined:
    """The type of `undefined`, of which there is one instance."""

    _instance: "Undefined | None" = None

    def __new__(cls) -> "Undefined":
        """Return the one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"

    def __reduce__(self) -> tuple[type["Undefined"], tuple[()]]:
        return Undefined, ()

    def __copy__(self) -> "Undefined":
        return self

    def __deepcopy__(self, memo: object) -> "Undefined":
        return self


undefined: Final = Undefined()


class JavaScriptError(ApplicationError):
    """An error that JavaScript raises, such as a member of undefined being read. It fails the run and is not retried.

    Args:
        kind: its name in JavaScript, which is the error's `type`: `TypeError`, `RangeError`, `SyntaxError`.
        reason: a sentence.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason, type=kind, non_retryable=True)


def type_error(reason: str) -> NoReturn:
    """Raise JavaScript's TypeError."""
    raise JavaScriptError("TypeError", reason)


def range_error(reason: str) -> NoReturn:
    """Raise JavaScript's RangeError."""
    raise JavaScriptError("RangeError", reason)


def described(value: Any) -> str:
    """Return what a value is, in a word or two, for errors."""
    if value is undefined:
        return "undefined"
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "an array", dict: "an object"}
    return names.get(type(value), f"a {type(value).__name__}")


def whole(value: float) -> int | float:
    """Return a number as an int where it is whole, exact and not -0."""
    if value.is_integer() and -MAX_SAFE <= value <= MAX_SAFE:
        result = int(value)
        if result or str(value)[0] != "-":
            return result
    return value


def as_double(value: float) -> float:
    """Return the double that a number is in JavaScript; whole numbers of any size come from JSON."""
    try:
        return float(value)
    except OverflowError:
        return INFINITY if value > 0 else -INFINITY


def truthy(value: Any) -> bool:
    """Return whether a condition takes a value as true: all but false, 0, NaN, "", null and undefined."""
    kind = type(value)
    if kind is bool:
        return bool(value)
    if kind is dict or kind is list:
        return True
    return bool(value) and value == value  # noqa: PLR0124  NaN is unlike itself


def is_nullish(value: Any) -> bool:
    """Return whether a value is null or undefined."""
    return value is None or value is undefined


def type_of(value: Any) -> str:
    """Return what `typeof` says."""
    kind = type(value)
    if kind is str:
        return "string"
    if kind is bool:
        return "boolean"
    if kind is int or kind is float:
        return "number"
    return "undefined" if value is undefined else "object"


def units(text: str) -> str:
    """Return a text as its UTF-16 units, one character each."""
    if text.isascii() or max(text) < "\U00010000":
        return text
    data = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(data[i] << 8 | data[i + 1]) for i in range(0, len(data), 2))


def joined(text: str) -> str:
    """Return a text of UTF-16 units as Python has it: two units that belong together are one character."""
    if text.isascii() or not _PAIR.search(text):
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


class Size:
    """How large a value may still get that is written or sent, each part counted as often as it stands there.

    Expressions can make small values that are huge when they are written out, `[x, x]` of `[x, x]` and so on, and
    values that are too deep for anything that goes down into them.

    Args:
        what: is done, the beginning of a sentence, for the error.
    """

    __slots__ = ("_left", "_what")

    def __init__(self, what: str) -> None:
        self._left = MAX_TEXT
        self._what = what

    def text(self, value: str) -> None:
        """Count a text."""
        self._left -= len(value)
        if self._left < 0:
            self._refuse()

    def items(self, value: Sized, depth: int) -> None:
        """Count the items of an array or the members of an object.

        Args:
            value: the array or object.
            depth: how many it stands in.

        Raises:
            JavaScriptError: it is too deep, or the whole too large.
        """
        if depth >= MAX_DEPTH:
            range_error(f"{self._what} takes values of at most {MAX_DEPTH} levels")
        self._left -= (len(value) + _OF_EACH) * _OF_ITEM
        if self._left < 0:
            self._refuse()

    def _refuse(self) -> NoReturn:
        range_error(f"{self._what} takes values of at most {MAX_ITEMS} items and {MAX_TEXT} characters")


def bounded_text(text: str) -> str:
    """Return a text that has been put together, if it is not too long.

    Raises:
        JavaScriptError: it is longer than `MAX_TEXT`.
    """
    if len(text) > MAX_TEXT:
        range_error(f"a text of {len(text)} characters is longer than the {MAX_TEXT} that an expression may make")
    return joined(text)


def bounded_items(items: list[Any]) -> list[Any]:
    """Return an array that has been put together, if it is not too long.

    Raises:
        JavaScriptError: it is longer than `MAX_ITEMS`.
    """
    if len(items) > MAX_ITEMS:
        range_error(f"an array of {len(items)} items is longer than the {MAX_ITEMS} that an expression may make")
    return items
