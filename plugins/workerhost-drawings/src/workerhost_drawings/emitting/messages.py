"""The signals, queries and updates of a workflow, as methods of its class, so that they are among those of its type."""

import ast
from collections import Counter
from collections.abc import Iterator

from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.syntax import call, constant, name, statement
from workerhost_drawings.flow.program import Program, UpdateForm
from workerhost_drawings.flow.steps import Listen, Receive
from workerhost_drawings.flow.walking import all_steps
from workerhost_drawings.problems import Findings
from workerhost_drawings.v1.run import EVENT

LONGEST = 200
"""Characters of the name of a signal, as of all that a workflow type has."""

_KEPT_BACK = ("__temporal", "workerhost:")
"""What names of signals must not begin with: Temporal and workerhost have them for themselves."""

_KEPT_BACK_QUERIES = (*_KEPT_BACK, "__stack_trace", "__enhanced_stack_trace")


def message_methods(program: Program, findings: Findings) -> list[ast.stmt]:
    """Return the methods for what reaches the runs of a program: signals, queries and updates, in its order."""
    _check(program, findings)
    names = Names()
    made = [_signal(each, names.fresh(f"on {each}", "on_signal")) for each in received(program)]
    made += [_query(each.name, names.fresh(f"on {each.name}", "on_query")) for each in program.queries]
    for update in program.updates:
        made += _update(update, names)
    return made


def received(program: Program) -> tuple[str, ...]:
    """Return the names of the signals that a program receives, each once."""
    found = dict.fromkeys(program.signals)
    for step in all_steps(program.flow):
        if isinstance(step, Receive):
            found[step.signal] = None
        elif isinstance(step, Listen):
            found[EVENT] = None
    return tuple(found)


def _check(program: Program, findings: Findings) -> None:
    for kind, named, node in _named(program):
        kept_back = _KEPT_BACK_QUERIES if kind == "query" else _KEPT_BACK
        if len(named) > LONGEST or not named.isprintable() or named.startswith(kept_back):
            reason = (
                f"{named!r:.60} is no name for {_ARTICLES[kind]} {kind}; up to {LONGEST} characters that can be "
                f"printed would do, not beginning with {' or '.join(kept_back)}"
            )
            findings.problem(reason, node)
    for (kind, named), times in Counter((kind, named) for kind, named, _ in _named(program)).items():
        if times > 1:
            findings.problem(f"{times} {_PLURALS[kind]} have the name {named}; one of each name would do")


_ARTICLES = {"signal": "a", "query": "a", "update": "an"}
_PLURALS = {"signal": "signals", "query": "queries", "update": "updates"}


def _named(program: Program) -> Iterator[tuple[str, str, str | None]]:
    """Yield the kind and the name of each signal, query and update, with its node."""
    nodes = {each.signal: each.node or each.id for each in all_steps(program.flow) if isinstance(each, Receive)}
    yield from (("signal", each, nodes.get(each)) for each in received(program))
    yield from (("query", each.name, each.node) for each in program.queries)
    yield from (("update", each.name, each.node) for each in program.updates)


def _signal(signal: str, named: str) -> ast.stmt:
    body = statement(call("self.keep", constant(signal), name("payload")))
    return _method(named, call("workflow.signal", name=constant(signal)), body, constant(None), "payload")


def _query(query: str, named: str) -> ast.stmt:
    body = ast.Return(call("self.answer", constant(query)))
    return _method(named, call("workflow.query", name=constant(query)), body, name("Any"))


def _update(update: UpdateForm, names: Names) -> Iterator[ast.stmt]:
    """Yield the method that takes an update, and the one that refuses what is no object where fields are expected."""
    named = names.fresh(f"on {update.name} update", "on_update")
    body = ast.Return(call("self.take", constant(update.name), name("payload")))
    yield _method(named, call("workflow.update", name=constant(update.name)), body, name("Any"), "payload")
    if update.with_fields:
        check = statement(call("self.refuse_without_fields", constant(update.name), name("payload")))
        checking = names.fresh(f"check {update.name}", "check_update")
        yield _method(checking, name(f"{named}.validator"), check, constant(None), "payload")


def _method(named: str, decorator: ast.expr, body: ast.stmt, result: ast.expr, *parameters: str) -> ast.stmt:
    given = [ast.arg("self"), *(ast.arg(each, name("Any")) for each in parameters)]
    arguments = ast.arguments([], given, None, [], [], None, [constant(None) for _ in parameters])
    return ast.FunctionDef(named, arguments, [body], [decorator], result)
