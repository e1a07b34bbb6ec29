"""Lengths of time, in the largest unit that they are a whole number of."""

import ast

from workerhost_drawings.emitting.syntax import call, constant
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Duration, Step

_UNITS = (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1000))


def timedelta_of(milliseconds: int) -> ast.expr:
    """Return `timedelta(…)`."""
    for unit, length in _UNITS:
        if milliseconds % length == 0 and milliseconds:
            return call("timedelta", **{unit: constant(milliseconds // length)})
    return call("timedelta", milliseconds=constant(milliseconds))


def duration_of(duration: Duration, step: Step, writing: Writing) -> ast.expr:
    """Return a `timedelta` for a number of milliseconds, or for what an expression says in the run."""
    if isinstance(duration, int):
        return timedelta_of(duration)
    return call("durations.timer", writing.expressions.value(duration, step.node))
