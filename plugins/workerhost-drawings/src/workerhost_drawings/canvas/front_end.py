"""Reads canvas graphs."""

import re
from collections.abc import Mapping

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasDrawing, read_document
from workerhost_drawings.canvas.fields import Reading, expression_of
from workerhost_drawings.canvas.reading import begin_reading, read_parts
from workerhost_drawings.canvas.scope import ENVIRONMENT, STATE
from workerhost_drawings.canvas.ways import Drawn, read_ways
from workerhost_drawings.checks.near import near
from workerhost_drawings.checks.secrets import secret_places
from workerhost_drawings.flow.chains import leading
from workerhost_drawings.flow.expressions import JavaScript, Local, ObjectOf, Template
from workerhost_drawings.flow.forms import forms
from workerhost_drawings.flow.program import Program
from workerhost_drawings.flow.steps import Assign, ChangeVariable, Flow, Step
from workerhost_drawings.graphs.assembly import Assembly
from workerhost_drawings.graphs.graph import Parts
from workerhost_drawings.problems import Findings, Read

_WRITTEN_DOWN = (
    "This looks like a secret, and everyone reads it who sees the drawing. "
    "Put it into the project's environment, and write ${env.NAME} here."
)
_OF_THE_STATE = re.compile(r"\b(state|variables)\b")
_OF_THE_ENVIRONMENT = re.compile(r"(?<![\w$.])env\s*(?:\?\.|\.|\[\s*)(['\"]?)([A-Za-z_$][\w$-]*)\1")


def read_canvas(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program of a canvas graph; None where it has problems, which are added to the findings.

    Args:
        source: the graph, or what holds it under `definition`; a text of JSON is taken as well.
        context: what is known of the project.
        findings: where everything goes that is wrong, all of it at once.
    """
    drawing = read_document(source, findings)
    if drawing is None:
        return None
    drawn = read_ways(drawing, findings)
    reading = begin_reading(drawing, context, findings)
    parts = read_parts(drawing, reading)
    _warn(drawing, reading)
    names = _environment_names(parts, reading)
    flow = Assembly(drawn.graph, parts).flow() if drawn is not None else None
    if drawn is None or flow is None or findings.problems:
        return None
    program = Program(
        name=context.workflow,
        flow=_begun(flow, drawing, drawn, parts),
        names=reading.scope.names,
        environment=ENVIRONMENT if names else None,
        environment_names=tuple(names),
        signals=tuple(sorted(reading.signals)),
        triggers=tuple(reading.triggers),
    )
    return Read(program, {each: reading.ids[each].type for each in drawn.graph.ways})


def _begun(flow: Flow, drawing: CanvasDrawing, drawn: Drawn, parts: Parts) -> Flow:
    """Return the flow with what comes before the trigger: the state of the run, and declared variables."""
    start = flow.start
    first: list[Step] = []
    for node in reversed([each for each in drawn.apart if each.type == "state-variable"]):
        steps = leading(parts.steps[node.id], start)
        start, first = steps[0].id, [*steps, *first]
    if drawing.variables or _uses_state([*first, *flow.steps]):
        values = {each.name: expression_of(each.default_value, f"variables.{each.name}") for each in drawing.variables}
        state = Assign(id="/state", into=STATE, value=ObjectOf(fields=values), next=start)
        start, first = state.id, [state, *first]
    return flow.model_copy(update={"start": start, "steps": [*first, *flow.steps]})


def _uses_state(steps: list[Step]) -> bool:
    return any(
        _OF_THE_STATE.search(_text(each))
        if isinstance(each, JavaScript | Template)
        else each == Local(name=STATE)
        or (isinstance(each, Assign) and each.into == STATE)
        or (isinstance(each, ChangeVariable) and each.present == STATE)
        for _, each in forms(steps)
    )


def _text(expression: JavaScript | Template) -> str:
    return expression.code if isinstance(expression, JavaScript) else expression.text


def _environment_names(parts: Parts, reading: Reading) -> list[str]:
    """Return the names of the environment that the drawing reads; those that the project lacks are warned about."""
    given = reading.context.settings.get("environment")
    known = given if isinstance(given, Mapping) else {}
    found: dict[str, None] = {}
    for node, each in forms([parts.steps, parts.conditions, parts.loops, parts.ends]):
        if not isinstance(each, JavaScript | Template):
            continue
        for match in _OF_THE_ENVIRONMENT.finditer(_text(each)):
            name = match[2]
            found[name] = None
            if name not in known:
                reading.findings.warning(
                    f"The project's environment has no {name}; it is null in the run.{near(name, known)}",
                    node,
                    each.path,
                )
    return sorted(found)


def _warn(drawing: CanvasDrawing, reading: Reading) -> None:
    """Warn about secrets that are written down, signals that nobody waits for, and what has no effect."""
    findings = reading.findings
    for node in drawing.nodes:
        for path in secret_places(node.data):
            findings.warning(_WRITTEN_DOWN, node.id, path)
    for variable in drawing.variables:
        for _ in secret_places({variable.name: variable.default_value}):
            findings.warning(_WRITTEN_DOWN, path=f"variables.{variable.name}")
    for signal, sender in reading.signals.items():
        if signal not in reading.received:
            findings.warning(f"No node waits for the signal {signal}, which this webhook sends.", sender)
    if drawing.settings.get("timeout") not in (None, "", 0):
        findings.warning(
            "The timeout of the whole drawing has no effect. Start it with executionTimeoutSeconds.", path="timeout"
        )
