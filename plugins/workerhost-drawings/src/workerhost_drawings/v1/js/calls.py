"""Calls of methods, by the kind of value that they are called on."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from workerhost_drawings.v1.js.arrays import ARRAY_METHODS
from workerhost_drawings.v1.js.members import has_own
from workerhost_drawings.v1.js.numbers import number_text, text, to_fixed, to_precision
from workerhost_drawings.v1.js.strings import STRING_METHODS
from workerhost_drawings.v1.js.values import described, type_error

_ANY_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "hasOwnProperty": has_own,
    "toString": lambda value, *_: text(value),
    "valueOf": lambda value, *_: value,
}
_NUMBER_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    **_ANY_METHODS,
    "toFixed": to_fixed,
    "toPrecision": to_precision,
    "toString": number_text,
}
METHODS: Final[Mapping[type, Mapping[str, Callable[..., Any]]]] = {
    str: {**_ANY_METHODS, **STRING_METHODS},
    list: {**_ANY_METHODS, **ARRAY_METHODS},
    int: _NUMBER_METHODS,
    float: _NUMBER_METHODS,
    bool: _ANY_METHODS,
    dict: _ANY_METHODS,
}
"""The methods that values have, by their type in Python."""

METHOD_NAMES: Final[tuple[str, ...]] = tuple(sorted({name for methods in METHODS.values() for name in methods}))


def call(value: Any, method: str, *arguments: Any) -> Any:
    """Return what a method returns: `value.method(…)`.

    Raises:
        JavaScriptError: the value has no such method.
    """
    methods = METHODS.get(type(value))
    found = methods.get(method) if methods is not None else None
    if found is None:
        return type_error(f'{described(value)} has no method "{method}"')
    return found(value, *arguments)
