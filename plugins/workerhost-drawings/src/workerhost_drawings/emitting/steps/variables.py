"""Steps that read and change what workerhost keeps for the project."""

import ast

from workerhost_drawings.emitting.syntax import assign, assign_or_call, awaited, call, constant, lambda_of, name
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import ChangeVariable, ReadVariable


def write_read_variable(step: ReadVariable, writing: Writing) -> list[ast.stmt]:
    """Read a variable into a local."""
    made = call(
        "variables.read",
        constant(step.scope),
        writing.expressions.value(step.name, step.node),
        default=writing.optional(step.default, step),
        throw_if_missing=constant(value=True) if step.throw_if_missing else None,
        node=writing.node(step),
    )
    return [assign_or_call(writing.kept(step.result), awaited(made))]


def write_change_variable(step: ChangeVariable, writing: Writing) -> list[ast.stmt]:
    """Change a variable with a function of its present value."""
    before, computing, after = _computing(step, writing)
    made = call(
        "variables.change",
        constant(step.scope),
        writing.expressions.value(step.name, step.node),
        computing,
        create_if_missing=None if step.create_if_missing else constant(value=False),
        only_if_missing=constant(value=True) if step.only_if_missing else None,
        merge=constant(value=True) if step.merge else None,
        node=writing.node(step),
    )
    result = writing.kept(step.result)
    if after is None:
        return [*before, assign_or_call(result, awaited(made))]
    if result is None:
        return [*before, ast.Assign([after], awaited(made))]
    return [*before, assign(result, awaited(made)), ast.Assign([after], name(result))]


def _computing(step: ChangeVariable, writing: Writing) -> tuple[list[ast.stmt], ast.expr, ast.expr | None]:
    """Return what stands before the change, the function that computes the new value, and what it is put into after."""
    value = writing.expressions.value(step.value, step.node)
    if step.present is None:
        return [], lambda_of([writing.names.fresh("present")], value), None
    if step.member is None:
        return [], lambda_of([writing.names.local(step.present)], value), None
    present, named = writing.names.fresh("present"), writing.names.fresh(f"{step.id} value")
    place = ast.Subscript(name(writing.names.local(step.present)), constant(step.member), ast.Store())
    arguments = ast.arguments([], [ast.arg(present, name("Any"))], None, [], [], None, [])
    body: list[ast.stmt] = [ast.Assign([place], name(present)), ast.Return(value)]
    computed = ast.FunctionDef(named, arguments, body, [], name("Any"))
    return [computed], name(named), place
