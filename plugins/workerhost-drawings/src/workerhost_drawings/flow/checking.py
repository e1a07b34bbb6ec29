"""What may be wrong with a program that was sent in the intermediate form, beyond its form."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.base import Form
from workerhost_drawings.flow.expressions import Jq, Local
from workerhost_drawings.flow.program import INPUT, Program
from workerhost_drawings.flow.steps import Activity, Branch, End, Flow, Raise, Step, StepBase
from workerhost_drawings.problems import Findings

_TARGETS = ("result", "into", "item", "index", "caught", "event", "present")
"""Fields of steps that name a local into which something is put."""


@dataclass(frozen=True)
class _Placed:
    """A part of the program, and where it stands."""

    part: Form
    pointer: str
    step: Step | None
    """The step in which it stands, or that it is."""

    @property
    def node(self) -> str | None:
        return (self.step.node or self.step.id) if self.step else None


def check_program(program: Program, activities: Collection[str], findings: Findings) -> None:
    """Note steps that share an id, lead nowhere or are never reached, and locals into which nothing is put.

    And activities that are not there.

    Args:
        program: in the form that it must have.
        activities: the names of those that the project has.
        findings: where the problems are noted, each with the JSON pointer of its place.
    """
    parts = list(_parts(program, "", None))
    _check_ids(parts, findings)
    for each in parts:
        if isinstance(each.part, Flow):
            _check_edges(each, each.part, findings)
    _check_locals(program, parts, findings)
    for each in parts:
        if isinstance(each.part, Activity) and each.part.activity not in activities:
            reason = f"the project has no activity {each.part.activity[:200]}.{near(each.part.activity, activities)}"
            findings.problem(reason, each.node, f"{each.pointer}/activity")


def _check_ids(parts: list[_Placed], findings: Findings) -> None:
    first: dict[str, str] = {}
    for each in parts:
        if each.step is not None and each.step is each.part:
            place = first.setdefault(each.step.id, each.pointer)
            if place != each.pointer:
                reason = f"the step has the id {each.step.id}, which the step at {place} has too; another one would do"
                findings.problem(reason, each.node, each.pointer)


def _check_edges(placed: _Placed, flow: Flow, findings: Findings) -> None:
    """Check where the steps of a flow lead, and whether they are reached."""
    steps = {each.id: each for each in flow.steps}
    edges = [(f"steps/{number}/{at}", to) for number, step in enumerate(flow.steps) for at, to in _edges(step)]
    for field, to in [("start", flow.start), *edges]:
        if to is not None and to not in steps:
            reason = f"there is no step {to} in this flow; the id of one of its steps would do, or null for its end"
            findings.problem(reason, placed.node, f"{placed.pointer}/{field}")
    reached: set[str] = set()
    waiting = [flow.start]
    while waiting:
        at = waiting.pop()
        if at in steps and at not in reached:
            reached.add(at)
            waiting += [to for _, to in _edges(steps[at])]
    for number, each in enumerate(flow.steps):
        if each.id not in reached:
            reason = f"no way leads to the step {each.id}; an edge to it would do, or to leave it out"
            findings.problem(reason, each.node or each.id, f"{placed.pointer}/steps/{number}")


def _edges(step: Step) -> Iterator[tuple[str, str | None]]:
    """Yield where a step leads, by the field that says so; an `End` or a `Raise` leads nowhere."""
    if isinstance(step, Branch):
        for number, each in enumerate(step.cases):
            yield f"cases/{number}/next", each.next
    if not isinstance(step, End | Raise):
        yield "next", step.next


def _check_locals(program: Program, parts: list[_Placed], findings: Findings) -> None:
    known = {INPUT, program.environment}
    for each in parts:
        if each.step is each.part:
            targets = (getattr(each.part, field, None) for field in _TARGETS)
            known |= {target for target in targets if isinstance(target, str)}  # the result of an `End` is a value
    for name, local in program.names.items():
        if local not in known:
            findings.problem(_unknown(local), None, f"/names/{name}")
    for each in parts:
        for local in _read(each.part):
            if local not in known:
                findings.problem(_unknown(local), each.node, each.pointer)


def _read(part: Form) -> tuple[str, ...]:
    if isinstance(part, Local):
        return (part.name,)
    return (part.data, *part.names.values()) if isinstance(part, Jq) else ()


def _unknown(local: str) -> str:
    return f"nothing is ever put into the local {local}; the name of a result or of another local would do"


def _parts(part: object, pointer: str, step: Step | None) -> Iterator[_Placed]:
    """Yield every part of the form, the outer ones first."""
    if isinstance(part, Form):
        here = part if isinstance(part, StepBase) else step
        yield _Placed(part, pointer, here)  # type: ignore[arg-type]
        for name, field in type(part).model_fields.items():
            yield from _parts(getattr(part, name), f"{pointer}/{field.alias or name}", here)  # type: ignore[arg-type]
    elif isinstance(part, list | tuple):
        for number, each in enumerate(part):
            yield from _parts(each, f"{pointer}/{number}", step)
    elif isinstance(part, dict):
        for key, each in part.items():
            yield from _parts(each, f"{pointer}/{_escaped(key)}", step)


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
