"""Steps that wait: for a time, for a signal, for events."""

import ast

from workerhost_drawings.emitting.steps.durations import duration_of
from workerhost_drawings.emitting.syntax import assign_or_call, awaited, call, constant, statement
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Receive, Wait


def write_wait(step: Wait, writing: Writing) -> list[ast.stmt]:
    """Sleep."""
    duration = duration_of(step.duration, step, writing)
    return [statement(awaited(call("workflow.sleep", duration, summary=writing.summary(step))))]


def write_receive(step: Receive, writing: Writing) -> list[ast.stmt]:
    """Wait for a signal, up to a timeout."""
    timeout = None if step.timeout is None else duration_of(step.timeout, step, writing)
    made = call("self.receive", constant(step.signal), timeout=timeout, node=writing.node(step))
    return [assign_or_call(writing.local(step.result), awaited(made))]
