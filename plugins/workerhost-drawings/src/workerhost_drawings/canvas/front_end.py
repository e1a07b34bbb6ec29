"""Reads canvas graphs."""

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasDrawing, read_document
from workerhost_drawings.canvas.fields import Reading
from workerhost_drawings.canvas.reading import begin_reading, read_parts
from workerhost_drawings.canvas.scope import ENVIRONMENT, FIXED, STATE
from workerhost_drawings.canvas.ways import WalkedCanvas, read_ways
from workerhost_drawings.checks.expressions import check_expressions, environment_names
from workerhost_drawings.checks.messages import check_messages
from workerhost_drawings.checks.secrets import warn_of_secrets
from workerhost_drawings.fields.reader import FieldReader
from workerhost_drawings.flow.chains import preceded
from workerhost_drawings.flow.expressions import ObjectOf
from workerhost_drawings.flow.program import Program, UpdateForm
from workerhost_drawings.flow.steps import Assign, Flow
from workerhost_drawings.flow.timeouts import limited
from workerhost_drawings.graphs.assembly import Assembly
from workerhost_drawings.graphs.graph import Parts
from workerhost_drawings.javascript.values import expression_of
from workerhost_drawings.problems import Findings, Read


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
    components = context.settings.get("components")
    drawing = drawing.with_gateways({*context.activities, *(components if isinstance(components, dict) else ())})
    drawn = read_ways(drawing, findings)
    reading = begin_reading(drawing, context, findings)
    parts = read_parts(drawing, reading)
    timeout = _timeout(drawing, findings)
    _warn(drawing, reading)
    said = [*parts.said(), *((each.node or "", each) for each in reading.queries.values())]
    names = environment_names(said, ENVIRONMENT, reading.uses, context, findings)
    flow = Assembly(drawn.graph, parts).flow() if drawn is not None else None
    if drawn is None or flow is None or findings.problems:
        check_expressions(said, reading.scope.names, findings)
        return None
    program = Program(
        name=context.workflow,
        flow=limited(_begun(flow, drawing, drawn, parts, reading), timeout, findings),
        names=reading.scope.names,
        environment=ENVIRONMENT if names else None,
        environment_names=tuple(names),
        signals=tuple(sorted(reading.signals)),
        queries=tuple(reading.queries.values()),
        updates=_updates(reading),
        triggers=tuple(reading.triggers.found),
    )
    return Read(program, {each: reading.ids[each].type for each in drawn.graph.ways})


def _updates(reading: Reading) -> tuple[UpdateForm, ...]:
    return tuple(
        UpdateForm(name=name, node=node, with_fields=name in reading.expecting)
        for name, node in reading.updates.items()
    )


def _begun(flow: Flow, drawing: CanvasDrawing, drawn: WalkedCanvas, parts: Parts, reading: Reading) -> Flow:
    """Return the flow with what comes before the trigger: the state of the run, and declared variables."""
    for node in reversed([each for each in drawn.apart if each.type == "state-variable"]):
        flow = preceded(flow, parts.steps[node.id])
    if not drawing.variables and not reading.queries and not reading.uses.touch_local(flow, STATE, FIXED):
        return flow
    values = {each.name: expression_of(each.default_value, f"variables.{each.name}") for each in drawing.variables}
    return preceded(flow, (Assign(id="/state", into=STATE, value=ObjectOf(fields=values)),))


def _timeout(drawing: CanvasDrawing, findings: Findings) -> int | None:
    """Return the milliseconds that a run may take, or None."""
    reader = FieldReader([("", drawing.settings)], findings, said="The timeout of the whole drawing: ")
    return reader.time("timeout") if drawing.settings.get("timeout") != 0 else None


def _warn(drawing: CanvasDrawing, reading: Reading) -> None:
    """Note secrets that are written down, and signals and updates that nobody waits for."""
    instead = f"${{{ENVIRONMENT}.NAME}}"
    for node in drawing.nodes:
        warn_of_secrets(node.data, reading.findings, node.id, instead)
    for variable in drawing.variables:
        named = {variable.name: variable.default_value}
        warn_of_secrets(named, reading.findings, None, instead, f"variables.{variable.name}")
    check_messages(reading.signals, reading.updates, reading.received, reading.findings)
