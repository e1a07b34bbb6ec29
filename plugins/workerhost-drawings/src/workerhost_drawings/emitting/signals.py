"""The signals of a workflow, as methods of its class, so that they are among those of its type."""

import ast

from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.syntax import call, constant, name, statement
from workerhost_drawings.flow.program import Program
from workerhost_drawings.flow.steps import Listen, Receive
from workerhost_drawings.flow.walking import all_steps
from workerhost_drawings.problems import Findings
from workerhost_drawings.v1.run import EVENT

LONGEST = 200
"""Characters of the name of a signal, as of all that a workflow type has."""

_KEPT_BACK = ("__temporal", "workerhost:")
"""What names of signals must not begin with: Temporal and workerhost have them for themselves."""


def signal_methods(program: Program, findings: Findings) -> list[ast.stmt]:
    """Return a method for each signal that a program receives, in the order of the program."""
    _check(program, findings)
    names = Names()
    return [_method(each, names.fresh(f"on {each}", "on_signal")) for each in received(program)]


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
    nodes = {each.signal: each.node or each.id for each in all_steps(program.flow) if isinstance(each, Receive)}
    for signal in received(program):
        if len(signal) > LONGEST or not signal.isprintable() or signal.startswith(_KEPT_BACK):
            reason = (
                f"{signal!r:.60} is no name for a signal; up to {LONGEST} characters that can be printed would do, "
                f"not beginning with {' or '.join(_KEPT_BACK)}"
            )
            findings.problem(reason, nodes.get(signal))


def _method(signal: str, named: str) -> ast.stmt:
    arguments = ast.arguments(
        [], [ast.arg("self"), ast.arg("payload", name("Any"))], None, [], [], None, [constant(None)]
    )
    body = statement(call("self.keep", constant(signal), name("payload")))
    decorator = call("workflow.signal", name=constant(signal))
    return ast.FunctionDef(named, arguments, [body], [decorator], constant(None))
