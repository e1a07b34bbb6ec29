"""Steps that raise errors and catch them."""

import ast

from workerhost_drawings.emitting.control import runs_out
from workerhost_drawings.emitting.steps.durations import duration_of
from workerhost_drawings.emitting.syntax import (
    assign,
    awaited,
    call,
    constant,
    literal,
    name,
    negated,
    statement,
)
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Raise, Try, TryAgain

_ERROR = "error"


def write_raise(step: Raise, writing: Writing) -> list[ast.stmt]:
    """Raise an error of Open Workflow."""
    return [ast.Raise(call("errors.make", writing.expressions.plain(step.error, step.node)), None)]


def write_try(step: Try, writing: Writing) -> list[ast.stmt]:
    """Run the body, and what is to happen when it has failed."""
    writing.catching += 1
    before, body = _body(step, writing)
    writing.catching -= 1
    error = writing.names.fresh(_ERROR)
    failed: list[ast.stmt] = [
        ast.If(negated(call("errors.is_caught", name(error))), [ast.Raise()], []),
        *_passed_on(step, error, writing),
    ]
    first, again = _again(step, step.again, writing) if step.again else ([], [])
    handled = writing.inline(step.handler) if step.handler else []
    if step.again:
        # A body that has failed for good, and that nobody handles, has failed.
        handled = handled or [ast.Raise()]
        handled = [*handled, ast.Break()] if runs_out(handled) else handled
        body = [*body, ast.Break()] if runs_out(body) else body
    handlers = [ast.ExceptHandler(name("Exception"), error, [*failed, *again, *handled])]
    made: ast.stmt = ast.Try(body, handlers, [], [])
    if step.again:
        made = ast.While(constant(value=True), [made], [])
    return [*before, *first, made]


def _body(step: Try, writing: Writing) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return what stands before the try, and its body."""
    if step.again is None or step.again.attempt_timeout is None:
        return [], writing.inline(step.body)
    body, called = writing.called(step.body, f"{step.id} body")
    limit = duration_of(step.again.attempt_timeout, step, writing)
    is_in_time = awaited(call("lanes.in_time", called, limit, node=writing.node(step)))
    late = call(
        "errors.standard", constant("timeout"), constant("the try took too long"), writing.node(step) or constant(None)
    )
    return [body], [ast.If(negated(is_in_time), [ast.Raise(call("errors.make", late))], [])]


def _passed_on(step: Try, error: str, writing: Writing) -> list[ast.stmt]:
    """Return what makes an object of the error, and raises it again where it is not to be caught."""
    if step.caught not in writing.read and not step.matching and step.when is None:
        return []
    caught = writing.names.local(step.caught)
    node = [constant(step.node)] if step.node else []
    made = assign(caught, call("errors.as_object", name(error), *node))
    tests: list[ast.expr] = []
    if step.matching:
        tests.append(call("errors.matches", name(caught), literal(step.matching)))
    if step.when is not None:
        tests.append(writing.expressions.test(step.when, step.node))
    return [made, ast.If(negated(_all(tests)), [ast.Raise()], [])] if tests else [made]


def _again(step: Try, again: TryAgain, writing: Writing) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return what stands before the tries, and what begins the next one when one has failed."""
    tries = writing.names.fresh(f"{step.id} tries")
    first: list[ast.stmt] = [assign(tries, constant(1))]
    tests: list[ast.expr] = []
    if again.attempts is not None:
        tests.append(ast.Compare(name(tries), [ast.Lt()], [constant(again.attempts)]))
    if again.duration is not None:
        began = writing.names.fresh(f"{step.id} began")
        first.append(assign(began, call("workflow.now")))
        spent = ast.BinOp(call("workflow.now"), ast.Sub(), name(began))
        tests.append(ast.Compare(spent, [ast.Lt()], [duration_of(again.duration, step, writing)]))
    if step.retry_when is not None:
        tests.append(writing.expressions.test(step.retry_when, step.node))
    waits: list[ast.stmt] = []
    if again.delay != 0 or again.jitter_to:
        waits.append(
            statement(
                awaited(call("workflow.sleep", _delay(step, again, tries, writing), summary=writing.summary(step)))
            )
        )
    on: list[ast.stmt] = [
        *waits,
        ast.AugAssign(ast.Name(tries, ast.Store()), ast.Add(), constant(1)),
        ast.Continue(),
    ]
    return first, [ast.If(_all(tests), on, [])] if tests else on


def _delay(step: Try, again: TryAgain, tries: str, writing: Writing) -> ast.expr:
    delay = constant(again.delay) if isinstance(again.delay, int) else writing.expressions.value(again.delay, step.node)
    return call(
        "errors.retry_delay",
        name(tries),
        delay,
        backoff=None if again.backoff == "constant" else constant(again.backoff),
        jitter_from=constant(again.jitter_from) if again.jitter_to else None,
        jitter_to=constant(again.jitter_to) if again.jitter_to else None,
    )


def _all(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
