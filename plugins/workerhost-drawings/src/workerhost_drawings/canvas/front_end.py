"""Reads canvas graphs."""

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasDrawing, read_document
from workerhost_drawings.canvas.fields import Reading, expression_of
from workerhost_drawings.canvas.names import check_expressions, environment_names, uses_state
from workerhost_drawings.canvas.reading import begin_reading, read_parts
from workerhost_drawings.canvas.scope import ENVIRONMENT, STATE
from workerhost_drawings.canvas.times import FieldError, milliseconds
from workerhost_drawings.canvas.ways import WalkedCanvas, read_ways
from workerhost_drawings.checks.near import near
from workerhost_drawings.checks.secrets import secret_places
from workerhost_drawings.flow.chains import leading
from workerhost_drawings.flow.expressions import ObjectOf, Value
from workerhost_drawings.flow.program import Program, UpdateForm
from workerhost_drawings.flow.steps import Assign, Deadline, Flow, Step, While
from workerhost_drawings.graphs.assembly import Assembly
from workerhost_drawings.graphs.graph import Parts
from workerhost_drawings.problems import Findings, Read

_WRITTEN_DOWN = (
    "This looks like a secret, and everyone reads it who sees the drawing. "
    "${env.NAME} takes it from the project's environment instead; runs still hold it then. An activity of a plugin "
    "that finds it by itself keeps it from both."
)


def read_canvas(source: object, context: CompileContext, findings: Findings) -> Read | None:
    """Return the program of a canvas graph; None where it has problems, which are added to the findings.

    Args:
        source: the graph, or what holds it under `definition`; a text of JSON or YAML is taken as well.
        context: what is known of the project.
        findings: where everything goes that is wrong, all of it at once.
    """
    drawing = read_document(source, findings)
    if drawing is None:
        return None
    drawn = read_ways(drawing, findings)
    reading = begin_reading(drawing, context, findings)
    parts = read_parts(drawing, reading)
    timeout = _timeout(drawing, findings)
    _warn(drawing, reading)
    names = environment_names(parts, reading)
    flow = Assembly(drawn.graph, parts).flow() if drawn is not None else None
    if drawn is None or flow is None or findings.problems:
        check_expressions(parts, reading)
        return None
    timed = _timed(_begun(flow, drawing, drawn, parts, reading), timeout, findings)
    program = Program(
        name=context.workflow,
        flow=timed,
        names=reading.scope.names,
        environment=ENVIRONMENT if names else None,
        environment_names=tuple(names),
        signals=tuple(sorted(reading.signals)),
        queries=tuple(reading.queries.values()),
        updates=tuple(
            UpdateForm(name=name, node=node, with_fields=name in reading.expecting)
            for name, node in reading.updates.items()
        ),
        triggers=tuple(reading.triggers),
    )
    return Read(program, {each: reading.ids[each].type for each in drawn.graph.ways})


def _begun(flow: Flow, drawing: CanvasDrawing, drawn: WalkedCanvas, parts: Parts, reading: Reading) -> Flow:
    """Return the flow with what comes before the trigger: the state of the run, and declared variables."""
    start = flow.start
    first: list[Step] = []
    for node in reversed([each for each in drawn.apart if each.type == "state-variable"]):
        steps = leading(parts.steps[node.id], start)
        start, first = steps[0].id, [*steps, *first]
    if drawing.variables or reading.queries or uses_state([*first, *flow.steps], reading):
        values = {each.name: expression_of(each.default_value, f"variables.{each.name}") for each in drawing.variables}
        state = Assign(id="/state", into=STATE, value=ObjectOf(fields=values), next=start)
        start, first = state.id, [state, *first]
    return flow.model_copy(update={"start": start, "steps": [*first, *flow.steps]})


def _timeout(drawing: CanvasDrawing, findings: Findings) -> int | None:
    """Return the milliseconds that a run may take, or None."""
    given = drawing.settings.get("timeout")
    try:
        return None if given in (None, "", 0) else milliseconds(given)
    except FieldError as error:
        findings.problem(f"The timeout of the whole drawing: {error}", path="timeout")
        return None


def _timed(flow: Flow, timeout: int | None, findings: Findings) -> Flow:
    """Return the flow with the timeout of the whole drawing around it."""
    if timeout is None:
        return flow
    if any(isinstance(each, While) and (each.reset_after or each.reset_history) for each in flow.steps):
        findings.warning(
            "The timeout of the whole drawing has no effect where a loop continues as new. Start it with "
            "executionTimeoutSeconds.",
            path="timeout",
        )
        return flow
    error = {
        "type": "Timeout",
        "status": 408,
        "title": "The run took too long",
        "detail": f"The run took longer than {timeout / 1000:g} s.",
    }
    body = flow.model_copy(update={"result": None})
    step = Deadline(id="/timeout", body=body, after=timeout, error=Value(value=error))
    return Flow(start=step.id, steps=[step], result=flow.result)


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
    for update, sender in reading.updates.items():
        if update not in {*reading.received, "?"}:  # a name that is none is a problem already
            findings.problem(
                f"No node waits for the signal {update}, and one must take what this update brings."
                f"{near(update, sorted(reading.received))}",
                sender,
            )
