"""Variables: of the run, in the local `state`, and of the project and the service, which workerhost keeps.

A variable of the project or the service is put into `state` as well, so that expressions see what was read last.
"""

import json
from typing import Any, Literal

from workerhost_drawings.canvas.fields import Fields
from workerhost_drawings.canvas.scope import STATE
from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.chains import chained
from workerhost_drawings.flow.expressions import Expression, JavaScript, Value
from workerhost_drawings.flow.steps import Assign, Branch, Case, ChangeVariable, Raise, ReadVariable, Step

COMPONENTS = ("ServiceVariable", "GetVariable", "SetVariable")
SCOPES = ("workflow", "project", "service")
OF_THE_RUN = ("workflow", "run", "memory", "none", "transient")
KEPT = ("service", "database", "persistent", "permanent", "durable")

Kept = Literal["project", "service"]


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
    scope = fields.choice(("variableScope", "scope"), SCOPES, "workflow")
    kept: Kept | None = "project" if scope == "project" else "service" if scope == "service" else None
    if component == "GetVariable":
        return _read(fields, name, kept)
    return _set(fields, name, kept)


def _member(name: str) -> str:
    return f"{STATE}[{json.dumps(name)}]"


def _into_state(fields: Fields, name: str) -> Step:
    return Assign(**fields.step("state"), into=STATE, member=name, value=fields.result)


def _declared(fields: Fields, name: str) -> tuple[Step, ...]:
    persistence = fields.choice(("persistence",), (*OF_THE_RUN, *KEPT), "service")
    default = fields.value("defaultValue") or Value()
    if persistence not in OF_THE_RUN:
        declare = ChangeVariable(
            **fields.step(),
            scope="service",
            name=Value(value=name),
            value=default,
            only_if_missing=True,
            result=fields.local,
        )
        return chained(declare, _into_state(fields, name))
    read = Assign(**fields.step(), into=fields.local, value=JavaScript(code=_member(name)))
    return chained(read, *_where_missing(fields, fields.step("default"), default), _into_state(fields, name))


def _read(fields: Fields, name: str, kept: Kept | None) -> tuple[Step, ...]:
    default = fields.value("defaultValue")
    throws = fields.flag("throwIfMissing", default=False)
    if kept is not None:
        read = ReadVariable(
            **fields.step(),
            scope=kept,
            name=Value(value=name),
            default=default,
            throw_if_missing=throws,
            result=fields.local,
        )
        return chained(read, _into_state(fields, name))
    own = Assign(**fields.step(), into=fields.local, value=JavaScript(code=_member(name)))
    if throws:
        return chained(own, *_or_raise(fields, name))
    if default is None:
        return (own,)
    return chained(own, *_where_missing(fields, fields.step("default"), default))


def _where_missing(fields: Fields, step: dict[str, Any], default: Expression) -> tuple[Step, ...]:
    """Return the steps that put the default where a variable of the run has no value."""
    reference = fields.reading.scope.reference(fields.id)
    put = Assign(**step, into=fields.local, value=default)
    case = Case(when=JavaScript(code=f"{reference} === undefined"), next=put.id)
    return Branch(**fields.step("missing"), cases=[case]), put


def _or_raise(fields: Fields, name: str) -> tuple[Step, ...]:
    """Return the steps that raise an error where a variable of the run has no value."""
    error = {
        "type": "VariableMissing",
        "status": 404,
        "title": "The variable is missing",
        "detail": f"The run has no variable {name}.",
        "instance": fields.id,
    }
    late = Raise(**fields.step("raise"), error=Value(value=error))
    case = Case(when=JavaScript(code=f"{_member(name)} === undefined"), next=late.id)
    return Branch(**fields.step("missing"), cases=[case]), late


def _set(fields: Fields, name: str, kept: Kept | None) -> tuple[Step, ...]:
    value = fields.code("valueExpression")
    if value is None:
        value = fields.value("staticValue")
    if value is None:
        fields.problem(
            "The variable is set to nothing. Write an expression into valueExpression, or a value into staticValue.",
            fields.find("valueExpression")[1],
        )
        value = Value()
    creates, merges = fields.flag("createIfMissing", default=True), fields.flag("merge", default=False)
    if kept is not None:
        change = ChangeVariable(
            **fields.step(),
            scope=kept,
            name=Value(value=name),
            value=value,
            present=STATE,
            member=name,
            create_if_missing=creates,
            merge=merges,
            result=fields.local,
        )
        return (change,)
    return _set_own(fields, name, value, creates=creates, merges=merges)


def _set_own(fields: Fields, name: str, value: Expression, *, creates: bool, merges: bool) -> tuple[Step, ...]:
    put = Assign(**fields.step(), into=fields.local, value=value)
    steps: list[Step] = [put]
    if merges:
        code = f"({{ ...{_member(name)}, ...{fields.reading.scope.reference(fields.id)} }})"
        steps.append(Assign(**fields.step("merged"), into=fields.local, value=JavaScript(code=code)))
    if not creates:
        steps += _or_raise(fields, name)
    return chained(*steps, _into_state(fields, name))
