"""Branches that run at once, and flows that have only so much time."""

import ast

from workerhost_drawings.emitting.steps.durations import duration_of
from workerhost_drawings.emitting.syntax import assign_or_call, awaited, call, negated
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Deadline, Parallel


def write_parallel(step: Parallel, writing: Writing) -> list[ast.stmt]:
    """Gather functions, or let them compete."""
    lanes = [writing.called(each.flow, each.name) for each in step.branches]
    # Where something goes on after a failure, the other branches must not go on beside it.
    all_of = "lanes.together" if writing.catching else "asyncio.gather"
    runner = "lanes.first" if step.compete else all_of
    made = awaited(call(runner, *(each for _, each in lanes)))
    return [*(each for each, _ in lanes), assign_or_call(writing.kept(step.result), made)]


def write_deadline(step: Deadline, writing: Writing) -> list[ast.stmt]:
    """Run a function for as long as it may take, and raise an error after that."""
    body, called = writing.called(step.body, f"{step.id} body")
    limit = duration_of(step.after, step, writing)
    is_in_time = awaited(call("lanes.in_time", called, limit, node=writing.node(step)))
    error = call("errors.make", writing.expressions.plain(step.error, step.node))
    return [body, ast.If(negated(is_in_time), [ast.Raise(error, None)], [])]
