"""Reads the nodes of a drawing, each on its own."""

from collections.abc import Callable, Iterable, Mapping

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasDrawing
from workerhost_drawings.canvas.fields import Fields, Reading
from workerhost_drawings.canvas.nodes.activities import read_activity
from workerhost_drawings.canvas.nodes.control import read_condition, read_end, read_loop
from workerhost_drawings.canvas.nodes.mappings import read_child, read_mapping, read_mark
from workerhost_drawings.canvas.nodes.signals import read_signal
from workerhost_drawings.canvas.nodes.triggers import read_endpoint, read_trigger
from workerhost_drawings.canvas.nodes.variables import read_variable
from workerhost_drawings.canvas.retries import read_retry
from workerhost_drawings.canvas.scope import scope_of
from workerhost_drawings.canvas.ways import ACTIVITIES, CONDITIONS, TYPES
from workerhost_drawings.fields.triggers import Triggers
from workerhost_drawings.flow.steps import Step
from workerhost_drawings.graphs.graph import Parts
from workerhost_drawings.problems import Findings

READERS: Mapping[str, Callable[[Fields], tuple[Step, ...]]] = {
    "trigger": read_trigger,
    **dict.fromkeys(ACTIVITIES, read_activity),
    "signal": read_signal,
    "retry": read_mark,
    "phase": read_mark,
    "child-workflow": read_child,
    "state-variable": read_variable,
    "data-in": read_mapping,
    "data-out": read_mapping,
    "api-endpoint": read_endpoint,
}
"""What makes steps of the nodes of each type."""

WITH_RESULT = (*ACTIVITIES, "signal", "child-workflow", "state-variable", "data-in", "data-out")
WITH_POLICY = (*ACTIVITIES, "child-workflow")


def begin_reading(drawing: CanvasDrawing, context: CompileContext, findings: Findings) -> Reading:
    """Return what readers of nodes know."""
    nodes = drawing.by_id
    trigger = next((node.id for node in nodes.values() if node.type == "trigger"), None)
    scope = scope_of((node for node in nodes.values() if node.type in WITH_RESULT), trigger)
    triggers = Triggers(context.project_id, context.workflow)
    reading = Reading(context, findings, scope, nodes, triggers)
    policy = drawing.settings.get("retryPolicy")
    if policy is not None:
        reading.policy = read_retry(policy, "retryPolicy", findings, None, "The retry policy of the whole drawing: ")
    for node in nodes.values():
        if node.type == "retry":
            _bring_policy(Fields(node, reading), [each.target for each in drawing.edges if each.source == node.id])
    return reading


def _bring_policy(fields: Fields, targets: Iterable[str]) -> None:
    """Note the policy of a retry node for the nodes that follow."""
    config = fields.node.config or {key: each for key, each in fields.node.data.items() if key != "label"}
    brought = read_retry(config.get("retryPolicy", config), "config", fields.reading.findings, fields.id)
    if brought is None:
        return
    known = [each for each in targets if each in fields.reading.ids]
    takes = [each for each in known if fields.reading.ids[each].type in WITH_POLICY]
    fields.reading.policies.update(dict.fromkeys(takes, brought))
    if not takes:
        fields.warning("No activity and no child workflow follows this policy, so that it says nothing.")


def read_parts(drawing: CanvasDrawing, reading: Reading) -> Parts:
    """Return what all nodes say, those included to which no way leads; what is wrong goes to the findings."""
    parts = Parts(reading.scope.helper, results=reading.scope.locals)
    metadata = drawing.settings.get("continueAsNew")
    for node in sorted(reading.ids.values(), key=lambda each: each.id):
        fields = Fields(node, reading)
        if node.type not in TYPES:
            continue
        parts.places[node.id] = fields
        if node.type in CONDITIONS:
            parts.conditions[node.id] = read_condition(fields)
        elif node.type == "loop":
            parts.loops[node.id] = read_loop(fields, metadata)
        elif node.type == "end":
            parts.ends[node.id] = read_end(fields)
        else:
            parts.steps[node.id] = READERS[node.type](fields)
    return parts
