"""The names that the expressions of a canvas read."""

from collections.abc import Iterable, Iterator, Mapping

from workerhost_drawings.canvas.fields import Reading
from workerhost_drawings.canvas.scope import ENVIRONMENT, STATE
from workerhost_drawings.checks.near import near
from workerhost_drawings.emitting.expressions import Expressions
from workerhost_drawings.emitting.naming import Names as PythonNames
from workerhost_drawings.flow.expressions import JavaScript, Local, Template
from workerhost_drawings.flow.steps import Assign, ChangeVariable, Step
from workerhost_drawings.flow.walking import forms
from workerhost_drawings.graphs.graph import Parts
from workerhost_drawings.javascript.names import Names, names_of

Code = JavaScript | Template


def uses_state(steps: Iterable[Step], reading: Reading) -> bool:
    """Tell whether steps read or change the state of the run."""
    return any(
        any(name in (STATE, "variables") for name, _ in _read(each, reading))
        if isinstance(each, Code)
        else each == Local(name=STATE)
        or (isinstance(each, Assign) and each.into == STATE)
        or (isinstance(each, ChangeVariable) and each.present == STATE)
        for _, each in forms(list(steps))
    )


def environment_names(parts: Parts, reading: Reading) -> list[str]:
    """Return the names of the environment that the drawing reads; those that the project lacks are warned about."""
    given = reading.context.settings.get("environment")
    known = given if isinstance(given, Mapping) else {}
    found: dict[str, None] = {}
    for node, each in _codes(parts, reading):
        for name, member in _read(each, reading):
            if name == ENVIRONMENT and member is None:
                reading.findings.problem("The environment is read name by name, as env.NAME.", node, each.path)
            elif name == ENVIRONMENT and member is not None:
                found[member] = None
                if member not in known:
                    reason = f"The project's environment has no {member}; it is null in the run.{near(member, known)}"
                    reading.findings.warning(reason, node, each.path)
    return sorted(found)


def check_expressions(parts: Parts, reading: Reading) -> None:
    """Note what is wrong with expressions, of a drawing of which nothing is made because of other problems."""
    compiled = Expressions(PythonNames(), reading.scope.names, reading.findings)
    for node, each in _codes(parts, reading):
        compiled.value(each, node)


def _codes(parts: Parts, reading: Reading) -> Iterator[tuple[str, Code]]:
    for said in (parts.steps, parts.conditions, parts.loops, parts.ends, _asked(reading)):
        for node, part in said.items():
            yield from ((node, each) for _, each in forms(part) if isinstance(each, Code))


def _asked(reading: Reading) -> dict[str, object]:
    return {each.node or "": each for each in reading.queries.values()}


def _read(code: Code, reading: Reading) -> Names:
    """Return the names that an expression reads, each with the member of it that is read; found once for each text."""
    is_template = isinstance(code, Template)
    text = code.text if isinstance(code, Template) else code.code
    if (text, is_template) not in reading.names_read:
        reading.names_read[text, is_template] = names_of(text, template=is_template)
    return reading.names_read[text, is_template]
