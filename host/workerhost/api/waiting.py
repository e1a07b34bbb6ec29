"""Calls that wait for something, and must not keep others from being answered meanwhile."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import request

from workerhost.api.serving.environ import STEP_ASIDE, STEP_OUT, WHEN_GONE

P = ParamSpec("P")
R = TypeVar("R")


def step_aside() -> None:
    """Say that this call begins to wait. Where the application has no threads of its own, nothing happens.

    Raises:
        BusyError: too many calls wait already; nothing has been done yet.
    """
    if (step := request.environ.get(STEP_ASIDE)) is not None:
        step()


def step_out() -> None:
    """Say that this call goes on for as long as its client likes, and is counted where it is bounded."""
    if (step := request.environ.get(STEP_OUT)) is not None:
        step()


def when_client_leaves(tell: Callable[[], None]) -> None:
    """Have a function called when the client of this call leaves before it has its answer.

    Args:
        tell: called on the event loop of the connections, so it must not block. It may be called when the call has
            just ended. Where the application has no connections of its own, it is never called.
    """
    if (watch := request.environ.get(WHEN_GONE)) is not None:
        watch(tell)


def waits(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that waits for what it brings about, in most of its calls."""

    @functools.wraps(view)
    def wait(*args: P.args, **kwargs: P.kwargs) -> R:
        step_aside()
        return view(*args, **kwargs)

    return wait
