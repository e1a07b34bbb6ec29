"""The method `run` of a drawn workflow."""

import ast

from workerhost_drawings.emitting.control import IrreducibleError, NestingError
from workerhost_drawings.emitting.effects import Effects
from workerhost_drawings.emitting.expressions import Expressions
from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.notes import Notes
from workerhost_drawings.emitting.resuming import Resuming
from workerhost_drawings.emitting.scopes import settle_ends, settle_variables
from workerhost_drawings.emitting.steps import WRITERS
from workerhost_drawings.emitting.steps.values import object_locals
from workerhost_drawings.emitting.syntax import assign, awaited, call, constant, lambda_of, literal, name, statement
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.program import INPUT, Program
from workerhost_drawings.flow.walking import all_steps
from workerhost_drawings.problems import Findings

_TOLD = frozenset({"activity", "wait", "receive", "child", "readVariable", "changeVariable", "listen"})
"""Kinds of steps that the history of a run tells of, or whose helpers note that they were passed."""


def run_method(program: Program, notes: Notes, findings: Findings) -> ast.AsyncFunctionDef | None:
    """Return the method; None where the flow cannot be written, and the findings say why."""
    names = _names(program)
    expressions = Expressions(names, program.names, findings)
    effects = Effects(expressions)
    too_early = effects.of_flow(program.flow).reads
    asked = effects.of_queries(program.queries)
    resuming = Resuming.of(program, names, effects)
    steps = list(all_steps(program.flow))
    writing = Writing(
        program=program,
        names=names,
        expressions=expressions,
        notes=notes,
        findings=findings,
        writers=WRITERS,
        told_by_history=frozenset(each.node for each in steps if each.node and each.kind in _TOLD),
        read=frozenset(effects.read),
        objects=object_locals(steps) - too_early,
        carried=resuming.carried,
        special=resuming.special,
    )
    try:
        body = writing.main(resuming.flow)
    except (IrreducibleError, NestingError) as error:
        _report(error, program, findings)
        return None
    made = _method([*_beginning(program, writing), *resuming.first, *body], is_resumed=bool(resuming.carried))
    if resuming.flow is not program.flow:
        too_early = effects.with_steps(resuming.effects).of_flow(resuming.flow).reads
    known = [INPUT, program.environment or INPUT]
    unset = sorted((too_early | asked).difference(known))
    settle_variables(made, list(names.locals.values()), [names.local(each) for each in unset])
    decorators = ["workflow.run", *(["ends_anywhere"] if settle_ends(made, writing.ends, writing.bodies) else [])]
    made.decorator_list = [name(each) for each in decorators]
    return made


def _names(program: Program) -> Names:
    """Return the names of a module, in which the input has its own."""
    names = Names()
    names.local(INPUT)
    if program.environment:
        names.local(program.environment)
    return names


def _beginning(program: Program, writing: Writing) -> list[ast.stmt]:
    """Return what comes before the flow: the check of the input, the reading of the environment, and the answers."""
    made: list[ast.stmt] = []
    if program.input_schema is not None:
        checked = call("schemas.fitting", call("js.plain", name(INPUT)), literal(program.input_schema))
        made.append(ast.Expr(checked))
    if program.environment in writing.read:
        read = call(
            "workflow.execute_activity",
            constant("readEnvironment"),
            literal({"names": program.environment_names}),
            start_to_close_timeout=call("timedelta", seconds=constant(30)),
        )
        made.append(assign(writing.names.local(str(program.environment)), awaited(read)))
    for each in program.queries:
        answer = lambda_of([], writing.expressions.plain(each.value, each.node))
        made.append(statement(call("self.answers", constant(each.name), answer)))
    return made


def _method(body: list[ast.stmt], *, is_resumed: bool) -> ast.AsyncFunctionDef:
    parameters = [ast.arg("self"), ast.arg(INPUT, name("Any"))]
    if is_resumed:
        parameters.append(ast.arg("resume", name("Any")))
    defaults = [constant(None) for _ in parameters[1:]]
    arguments = ast.arguments([], parameters, None, [], [], None, defaults)
    return ast.AsyncFunctionDef("run", arguments, body or [ast.Pass()], [], name("Any"))


def _report(error: IrreducibleError | NestingError, program: Program, findings: Findings) -> None:
    nodes = {each.id: each.node or each.id for each in all_steps(program.flow)}
    if isinstance(error, NestingError):
        findings.problem(str(error), nodes.get(error.step, error.step))
        return
    named = list(dict.fromkeys(nodes.get(each, each) for each in error.steps))
    reason = (
        f"the nodes {', '.join(named)} form a cycle that is entered at more than one of them; a cycle with one "
        "entrance would do"
    )
    findings.problem(reason, named[0] if named else None)
