"""What may be wrong with a graph as a whole."""

from collections.abc import Callable, Collection, Container, Mapping

from workerhost_drawings.graphs.graph import Graph, Ways, endless_cycles, reached
from workerhost_drawings.problems import Findings

MOST_LOOPS = 200
"""Of one drawing: what stands in a loop is looked for anew for each of them."""


def check_loops(number: int, findings: Findings) -> None:
    """Refuse a drawing with too many loops."""
    if number > MOST_LOOPS:
        findings.problem(f"The drawing has {number} loops, and {MOST_LOOPS} are the most. Cut it into child workflows.")


def joins_nodes(source: str, target: str, nodes: Container[str], findings: Findings) -> bool:
    """Tell whether both ends of an edge are nodes that are there; it is a problem where not."""
    missing = [each for each in (source, target) if each not in nodes]
    for each in missing:
        other = target if each == source else source
        sentence = f"An edge from {source} to {target} names the node {each}, which is not there."
        findings.problem(sentence, other if other in nodes else None, "edges")
    return not missing


def touched(ways: Ways) -> set[str]:
    """Return the nodes from which or to which a way leads."""
    return {each for source, targets in ways.items() for each in (source, *(to for _, to in targets)) if targets}


def walked(
    entry: str,
    ways: Mapping[str, tuple[tuple[str, str], ...]],
    may_end: Callable[[str], bool],
    apart: Collection[str],
    findings: Findings,
) -> Graph:
    """Return what is reached from a node. Note nodes that are not, and cycles out of which no way leads.

    Args:
        entry: where a run begins.
        ways: of all nodes.
        may_end: tells whether a node of one way is a way out itself, as a condition without a false branch is.
        apart: nodes to which no way needs to lead.
        findings: where problems go.
    """
    found = {each: ways[each] for each in reached(entry, ways)}
    for each in sorted(ways):
        if each not in found and each not in apart:
            findings.problem("No way leads from the trigger to this node.", each)
    for cycle in endless_cycles(found, lambda each: may_end(each) and len(found[each]) == 1):
        named = ", ".join(cycle[:20]) + (" and more" if len(cycle) > 20 else "")
        findings.problem(f"No way leads out of the cycle of the nodes {named}.", cycle[0])
    return Graph(entry, found)
