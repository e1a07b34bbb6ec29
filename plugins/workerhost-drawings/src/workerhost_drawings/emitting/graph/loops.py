"""The loops of a graph."""

from dataclasses import dataclass

from workerhost_drawings.emitting.graph.order import ENDED, Graph, Node


@dataclass(eq=False)
class Loop:
    """A natural loop: its header dominates it, and edges of it lead back to the header."""

    header: Node
    parent: "Loop | None" = None
    """The loop around it."""


@dataclass(frozen=True)
class Loops:
    """All loops of a graph."""

    by_header: dict[Node, Loop]
    innermost: list[Loop | None]
    """The innermost loop that each node belongs to."""

    def around(self, node: Node) -> list[Loop]:
        """Return the loops that a node belongs to, the innermost first."""
        if node == ENDED:
            return []
        found = []
        loop = self.innermost[node]
        while loop is not None:
            found.append(loop)
            loop = loop.parent
        return found

    def left(self, source: Node, target: Node) -> list[Loop]:
        """Return the loops that an edge leaves, the innermost first."""
        kept = self.around(target)
        return [loop for loop in self.around(source) if loop not in kept]


def find_loops(graph: Graph) -> Loops:
    """Return the loops of a graph without cycles that can be entered at two places."""
    back: dict[Node, list[Node]] = {}
    sources: list[list[Node]] = [[] for _ in graph.steps]
    for source, target in graph.edges():
        if target <= source:
            back.setdefault(target, []).append(source)
        else:
            sources[target].append(source)
    loops = Loops({}, [None] * len(graph.steps))
    for header in sorted(back, reverse=True):
        _gather(loops, Loop(header), back[header], sources)
    return loops


def _gather(loops: Loops, loop: Loop, begin: list[Node], sources: list[list[Node]]) -> None:
    """Find the nodes of a loop, all loops within it being known."""
    loops.by_header[loop.header] = loop
    loops.innermost[loop.header] = loop
    waiting = list(begin)
    while waiting:
        node = waiting.pop()
        inner = loops.innermost[node]
        while inner is not None and inner.parent is not None:
            inner = inner.parent
        if inner is loop:
            continue
        if inner is None:
            loops.innermost[node] = loop
            waiting.extend(sources[node])
        else:
            inner.parent = loop
            waiting.extend(sources[inner.header])
