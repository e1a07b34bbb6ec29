"""Steps that wait: for a time, for a signal, for events."""

import ast

from workerhost_drawings.emitting.steps.durations import duration_of
from workerhost_drawings.emitting.syntax import (
    assign,
    assign_or_call,
    awaited,
    call,
    constant,
    lambda_of,
    name,
    statement,
)
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Listen, Receive, Wait


def write_wait(step: Wait, writing: Writing) -> list[ast.stmt]:
    """Sleep."""
    duration = duration_of(step.duration, step, writing)
    return [statement(awaited(call("workflow.sleep", duration, summary=writing.summary(step))))]


def write_receive(step: Receive, writing: Writing) -> list[ast.stmt]:
    """Wait for a signal, up to a timeout."""
    timeout = None if step.timeout is None else duration_of(step.timeout, step, writing)
    made = call("self.receive", constant(step.signal), timeout=timeout, node=writing.node(step))
    return [assign_or_call(writing.kept(step.result), awaited(made))]


def write_listen(step: Listen, writing: Writing) -> list[ast.stmt]:
    """Take events, and run a flow for each where there is one."""
    event = writing.names.local(step.event)
    filters = [lambda_of([event], writing.expressions.test(each, step.node)) for each in step.filters]
    until = lambda_of([event], writing.expressions.test(step.until, step.node)) if step.until else None
    listening = call(
        "self.listen",
        *([ast.List(list(filters), ast.Load())] if filters else []),
        mode=None if step.mode == "one" else constant(step.mode),
        until=until,
        timeout=None if step.timeout is None else duration_of(step.timeout, step, writing),
        node=writing.node(step),
    )
    result = writing.kept(step.result)
    if step.each is None:
        return [assign_or_call(result, awaited(ast.Call(ast.Attribute(listening, "all", ast.Load()), [], [])))]
    named = writing.names.fresh(f"{step.id} listening")
    body = writing.inline(step.each)
    taken = awaited(call(f"{named}.next"))
    if step.event in writing.read:
        taken = ast.NamedExpr(ast.Name(event, ast.Store()), taken)
    loop = ast.While(ast.Compare(taken, [ast.IsNot()], [constant(None)]), body, [])
    after = [assign(result, name(f"{named}.events"))] if result else []
    return [assign(named, listening), loop, *after]
