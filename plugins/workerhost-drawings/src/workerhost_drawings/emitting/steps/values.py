"""Steps that compute: assignments, marks, branches, and the end of the run."""

import ast

from workerhost_drawings.emitting.expressions import is_object
from workerhost_drawings.emitting.syntax import assign, call, constant, name, statement
from workerhost_drawings.emitting.writing import Writing
from workerhost_drawings.flow.steps import Assign, End, Step


def write_nothing(_step: Step, _writing: Writing) -> list[ast.stmt]:
    """Return nothing: a mark is only passed, and before the tests of a branch stands nothing."""
    return []


def write_assign(step: Assign, writing: Writing) -> list[ast.stmt]:
    """Assign to a variable, or to a member of what it holds."""
    value = writing.expressions.value(step.value, step.node)
    if step.into not in writing.read:
        return [statement(value)] if isinstance(value, ast.Call) else []  # which may fail, while others do nothing
    target = writing.names.local(step.into)
    if step.member is None:
        return [assign(target, value)]
    if step.into in writing.objects:
        place = ast.Subscript(name(target), constant(step.member), ast.Store())
        return [ast.Assign([place], value)]
    return [statement(call("objects.put", name(target), constant(step.member), value))]


def write_end(step: End, writing: Writing) -> list[ast.stmt]:
    """Return from the whole run."""
    result = writing.expressions.plain(step.result, step.node) if step.result else None
    made = ast.Return(result)
    writing.ends.add(id(made))
    return [made]


def object_locals(steps: list[Step]) -> frozenset[str]:
    """Return the locals into which nothing but objects is put, so that a member can be put into them as into a dict."""
    whole: dict[str, bool] = {}
    for step in steps:
        if isinstance(step, Assign) and step.member is None:
            whole[step.into] = whole.get(step.into, True) and is_object(step.value)
        else:
            for each in _other_targets(step):
                whole[each] = False
    return frozenset(each for each, holds in whole.items() if holds)


def _other_targets(step: Step) -> list[str]:
    fields = ("result", "item", "index", "caught", "event")
    return [each for field in fields if isinstance(each := getattr(step, field, None), str)]
