"""Functions that expressions hand to methods: `item => item.total` is a lambda."""

from collections.abc import Callable
from inspect import CO_VARARGS
from typing import Any

from workerhost_drawings.v1.js.values import described, type_error


def caller(function: Any, most: int) -> Callable[..., Any]:
    """Return a function that may be called with so many arguments, of which it gets as many as it takes.

    Raises:
        JavaScriptError: it is no function.
    """
    if not callable(function):
        type_error(f"a function such as (item) => item.id is needed here, and this is {described(function)}")
    code = getattr(function, "__code__", None)
    takes = most if code is None or code.co_flags & CO_VARARGS else code.co_argcount
    if takes >= most:
        return function  # type: ignore[no-any-return]
    if takes == 1:
        return lambda first, *_: function(first)
    return lambda *arguments: function(*arguments[:takes])
