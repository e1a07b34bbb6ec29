"""Variables: of the run, in the local `state`, and of the project and the service, which workerhost keeps.

A variable of the project or the service is put into `state` as well, so that expressions see what was read last.
"""

import json
from typing import Any

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.chains import chained
from workerhost_drawings.flow.expressions import Expression, JavaScript, Value
from workerhost_drawings.flow.steps import Assign, ChangeVariable, ReadVariable, Step

COMPONENTS = ("ServiceVariable", "GetVariable", "SetVariable")
SCOPES = ("workflow", "project", "service")
OF_THE_RUN = ("workflow", "run", "memory", "none", "transient")
KEPT = ("service", "database", "persistent", "permanent", "durable")


def read_variable(fields: Fields) -> tuple[Step, ...]:
    """Return the steps of a node that declares, reads or sets a variable."""
    component = fields.text("componentName") or ""
    if component not in COMPONENTS:
        fields.problem(
            f"componentName of a state-variable is one of {', '.join(COMPONENTS)}.{near(component, COMPONENTS)}",
            "componentName",
        )
        component = "GetVariable"
    name = fields.name("the name of a variable", "variableName", "name")
    if component == "ServiceVariable":
        return _declared(fields, name)
    scope = fields.choice(("variableScope", "scope"), SCOPES, SCOPES[0])
    return (_read if component == "GetVariable" else _set)(fields, name, scope)


def _member(name: str) -> str:
    return f"{STATE}[{json.dumps(name)}]"


def _kept(fields: Fields, name: str, scope: str) -> dict[str, Any]:
    """Return what all steps have that read or change a variable of the project or the service."""
    return {**fields.step(), "scope": scope, "name": Value(value=name), "result": fields.local}


def _into_state(fields: Fields, name: str) -> Step:
    return Assign(**fields.step("state"), into=STATE, member=name, value=fields.result)


def _own(fields: Fields, name: str) -> Step:
    """Return the step that reads a variable of the run."""
    return Assign(**fields.step(), into=fields.local, value=JavaScript(code=_member(name)))


def _declared(fields: Fields, name: str) -> tuple[Step, ...]:
    persistence = fields.choice(("persistence",), (*OF_THE_RUN, *KEPT), "service")
    default = fields.value("defaultValue") or Value()
    if persistence not in OF_THE_RUN:
        declare = ChangeVariable(**_kept(fields, name, "service"), value=default, only_if_missing=True)
        return chained(declare, _into_state(fields, name))
    return chained(_own(fields, name), *_or_default(fields, default), _into_state(fields, name))


def _read(fields: Fields, name: str, scope: str) -> tuple[Step, ...]:
    default = fields.value("defaultValue")
    throws = fields.flag("throwIfMissing", default=False)
    if scope != OF_THE_RUN[0]:
        read = ReadVariable(**_kept(fields, name, scope), default=default, throw_if_missing=throws)
        return chained(read, _into_state(fields, name))
    if throws:
        return chained(_own(fields, name), *_or_raise(fields, name))
    return chained(_own(fields, name), *(() if default is None else _or_default(fields, default)))


def _or_default(fields: Fields, default: Expression) -> tuple[Step, ...]:
    """Return the steps that put the default where a variable of the run has no value."""
    put = Assign(**fields.step("default"), into=fields.local, value=default)
    return fields.where(f"{fields.reference} === undefined", "missing", put)


def _or_raise(fields: Fields, name: str) -> tuple[Step, ...]:
    """Return the steps that raise an error where a variable of the run has no value."""
    detail = f"The run has no variable {name}."
    late = fields.failure("raise", "VariableMissing", 404, "The variable is missing", detail)
    return fields.where(f"{_member(name)} === undefined", "missing", late)


def _set(fields: Fields, name: str, scope: str) -> tuple[Step, ...]:
    value = fields.code("valueExpression") or fields.value("staticValue")
    if value is None:
        reason = (
            "The variable is set to nothing. Write an expression into valueExpression, or a value into staticValue."
        )
        fields.wrong("valueExpression", reason)
        value = Value()
    creates, merges = fields.flag("createIfMissing", default=True), fields.flag("merge", default=False)
    if scope != OF_THE_RUN[0]:
        how: dict[str, Any] = {"present": STATE, "member": name, "create_if_missing": creates, "merge": merges}
        return (ChangeVariable(**_kept(fields, name, scope), **how, value=value),)
    steps: list[Step] = [Assign(**fields.step(), into=fields.local, value=value)]
    if merges:
        code = f"({{ ...{_member(name)}, ...{fields.reference} }})"
        steps.append(Assign(**fields.step("merged"), into=fields.local, value=JavaScript(code=code)))
    if not creates:
        steps += _or_raise(fields, name)
    return chained(*steps, _into_state(fields, name))
