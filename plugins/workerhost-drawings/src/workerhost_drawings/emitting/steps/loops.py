"""Loops: for each item, and as long as a condition is so."""

import ast

from workerhost_drawings.emitting.resuming import begins_anew
from workerhost_drawings.emitting.syntax import assign, awaited, call, constant, name, negated, statement
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.program import INPUT
from workerhost_drawings.flow.steps import ForEach, While


def write_each(step: ForEach, writing: Writing) -> list[ast.stmt]:
    """Iterate, with a number where one is wanted."""
    items = call("js.iterate", writing.expressions.value(step.items, step.node))
    target: ast.expr = ast.Name(writing.names.local(step.item), ast.Store())
    if index := writing.kept(step.index):
        items = call("enumerate", items)
        target = ast.Tuple([ast.Name(index, ast.Store()), target], ast.Store())
    body = writing.inline(step.body)
    if step.condition is not None:
        test = negated(writing.expressions.test(step.condition, step.node))
        body = [ast.If(test, [ast.Break()], []), *body]
    return [ast.For(target, items, body, [])]


def write_while(step: While, writing: Writing) -> list[ast.stmt]:
    """Loop, and begin the run anew now and then where that is wanted."""
    first, reset = _reset(step, writing)
    test = writing.expressions.test(step.condition, step.node)
    body = writing.inline(step.body)
    return [*first, ast.While(test, [*reset, *body], [])]


def _reset(step: While, writing: Writing) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return what stands before a loop that begins the run anew, and what its body begins with."""
    if not begins_anew(step):
        return [], []
    if step.id not in writing.carried:
        writing.findings.problem(
            "only a loop that stands in no other loop, branch of a parallel step or try can begin the run anew; move "
            "it out of them, or do without that",
            step.node,
        )
        return [], []
    held = {local: name(writing.names.local(local)) for local in writing.carried[step.id]}
    given = ast.Dict([constant(each) for each in held], list(held.values()))
    anew = awaited(call("self.begin_anew", constant(step.id), name(INPUT), given))
    tests: list[ast.expr] = []
    rounds = writing.names.fresh(f"{step.id} rounds")
    if step.reset_after is not None:
        tests.append(ast.Compare(name(rounds), [ast.Eq()], [constant(step.reset_after)]))
    if step.reset_history is not None:
        # A run that has gone round at least once gets on, however long its history is from the beginning.
        length = call("workflow.info().get_current_history_length")
        is_long = ast.Compare(length, [ast.GtE()], [constant(step.reset_history)])
        tests.append(ast.BoolOp(ast.And(), [name(rounds), is_long]))
    first = [assign(rounds, constant(0))]
    count = ast.AugAssign(ast.Name(rounds, ast.Store()), ast.Add(), constant(1))
    test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
    return first, [ast.If(test, [statement(anew)], []), count]
