"""Exceptions of project code, kept from the threads and loops that run it.

An exception that Python, asyncio or the SDK takes for a signal of its own must not get out of project code as it is: a
`StopIteration` can never be the outcome of a future, so that the activity would never end; `SystemExit` ends an event
loop; a `BrokenExecutor` ends the SDK's worker. Cancellation is the one signal that is meant.
"""

import asyncio
import concurrent.futures
import functools
from collections.abc import Callable
from typing import Any

from temporalio.exceptions import ApplicationError

SIGNALS = (StopIteration, StopAsyncIteration, concurrent.futures.BrokenExecutor)
"""Ordinary exceptions that mean something to those who run the code."""


class Contained:
    """A block that runs project code: what leaves it are errors, and signals only where they are meant."""

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Put an error in the place of a signal that is not meant."""
        if error is not None and (contained := _contained(error)) is not error:
            raise contained from error.__cause__


def contain_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with its exceptions contained before they become the outcome of a future."""

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        with Contained():
            return function(*args)

    return call


def _contained(error: BaseException) -> BaseException:
    """Return an error that may leave project code: the same, or one that says the same and is no signal."""
    is_of_sdk = type(error).__module__.partition(".")[0] == "temporalio"
    if is_of_sdk or isinstance(error, asyncio.CancelledError):
        return error
    if isinstance(error, Exception) and not isinstance(error, SIGNALS) and _is_readable(error):
        return error
    name = type(error).__name__
    text = str(error) if _is_readable(error) else "its text cannot be read"
    failure = ApplicationError(f"{name}: {text}" if text else f"{name} was raised", type=name)
    return failure.with_traceback(error.__traceback__)


def _is_readable(error: BaseException) -> bool:
    try:
        return isinstance(str(error), str)
    except BaseException:
        return False
