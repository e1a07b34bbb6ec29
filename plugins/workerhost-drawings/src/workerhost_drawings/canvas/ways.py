"""The ways between the nodes of a canvas."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workerhost_drawings.canvas.document import CanvasDrawing, CanvasNode
from workerhost_drawings.checks.near import near
from workerhost_drawings.graphs.checking import check_loops, joins_nodes, touched, walked
from workerhost_drawings.graphs.graph import Graph
from workerhost_drawings.graphs.labels import CONDITION, LOOP, settled, word_of
from workerhost_drawings.problems import Findings

CONDITIONS = ("condition", "conditional")
ACTIVITIES = ("activity", "agent")
TYPES = (
    *("trigger", *ACTIVITIES, "signal", *CONDITIONS, "loop", "retry", "phase", "child-workflow"),
    *("state-variable", "data-in", "data-out", "api-endpoint", "end"),
)
"""Every type of node that this compiles."""

_TWO_WAYS = {**dict.fromkeys(CONDITIONS, CONDITION), "loop": LOOP}


@dataclass(frozen=True)
class WalkedCanvas:
    """A drawing that can be walked."""

    graph: Graph
    apart: tuple[CanvasNode, ...]
    """Nodes that stand for themselves, without edges: declarations."""


def read_ways(drawing: CanvasDrawing, findings: Findings) -> WalkedCanvas | None:
    """Return the graph; None where it cannot be walked, and the findings say why."""
    before = len(findings.problems)
    nodes = drawing.by_id
    _check_nodes(drawing, findings)
    trigger = _trigger(nodes.values(), findings)
    ways = _ways(drawing, nodes, findings)
    check_loops(sum(node.type == "loop" for node in nodes.values()), findings)
    if trigger is None:
        return None
    with_edges = touched(ways)
    alone = [nodes[each] for each in sorted(nodes) if each not in with_edges]
    apart = tuple(node for node in alone if _stands_apart(node))
    frames = [node for node in alone if node.type == "phase"]
    triggers = [node for node in nodes.values() if node.type == "trigger"]
    may_stand = {node.id for node in (*apart, *frames, *triggers)}
    graph = walked(trigger.id, ways, lambda each: nodes[each].type in _TWO_WAYS, may_stand, findings)
    return None if len(findings.problems) > before else WalkedCanvas(graph, apart)


def _stands_apart(node: CanvasNode) -> bool:
    component = node.data.get("componentName", node.config.get("componentName"))
    return node.type == "api-endpoint" or (node.type == "state-variable" and component == "ServiceVariable")


def _check_nodes(drawing: CanvasDrawing, findings: Findings) -> None:
    for twice, times in Counter(each.id for each in drawing.nodes).items():
        if times > 1:
            findings.problem("Two nodes have this id.", twice, "id")
    for node in drawing.nodes:
        if node.is_gateway:
            findings.problem(
                f"A node of the type {node.type} belongs to a gateway of its product, which workerhost does not have. "
                "Remove it from the drawing, or install a plugin that has an activity of that name.",
                *(node.id, "type"),
            )
        elif node.type not in TYPES:
            findings.problem(f"No node has the type {node.type!r}.{near(node.type, TYPES)}", node.id, "type")


def _trigger(nodes: Iterable[CanvasNode], findings: Findings) -> CanvasNode | None:
    triggers = [node for node in nodes if node.type == "trigger"]
    if not triggers:
        findings.problem("The drawing has no trigger. Add a node of the type trigger, where a run begins.")
    for node in triggers[1:]:
        findings.problem(f"A drawing has one trigger, and {triggers[0].id} is one already.", node.id, "type")
    return triggers[0] if triggers else None


def _ways(
    drawing: CanvasDrawing, nodes: Mapping[str, CanvasNode], findings: Findings
) -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, set[tuple[str, str]]] = {each: set() for each in nodes}
    paths: dict[str, dict[str, str]] = {}
    for node in nodes.values():
        paths[node.id] = dict(_paths(node, nodes, findings))
        found[node.id].update((word, target) for target, word in paths[node.id].items())
    for edge in drawing.edges:
        if not joins_nodes(edge.source, edge.target, nodes, findings) or edge.target in paths[edge.source]:
            continue
        two = _TWO_WAYS.get(nodes[edge.source].type)
        word = word_of(edge.source, two, (edge.source_handle, edge.label), findings)
        found[edge.source].add((word, edge.target))
    return {each: _settled(nodes[each], found, findings) for each in found}


def _paths(node: CanvasNode, nodes: Mapping[str, CanvasNode], findings: Findings) -> Iterator[tuple[str, str]]:
    """Yield the targets that a condition names in its fields, and their words."""
    if node.type not in CONDITIONS:
        return
    for key, word in (("truePath", "true"), ("falsePath", "false")):
        path = f"config.{key}" if node.config.get(key) else key
        target = node.config.get(key) or node.data.get(key)
        if isinstance(target, list) and len(target) == 1:
            target = target[0]
        if isinstance(target, str) and target in nodes:
            yield target, word
        elif target not in (None, "", []):
            is_text = isinstance(target, str)
            named = f"names {target!r:.80}, and no node" if is_text else "is not the id of one node, and none"
            findings.problem(f"{key} {named} has that id.", node.id, path)


def _settled(
    node: CanvasNode, found: Mapping[str, set[tuple[str, str]]], findings: Findings
) -> tuple[tuple[str, str], ...]:
    """Return the ways out of a node, each with its word; of most nodes they have none."""
    if node.type == "end" and found[node.id]:
        findings.problem("Nothing can follow an end.", node.id, "edges")
    if node.type in _TWO_WAYS:
        return settled(node.id, _TWO_WAYS[node.type], found, findings)
    return tuple(("", target) for target in dict.fromkeys(target for _, target in sorted(found[node.id])))
