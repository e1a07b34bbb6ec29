"""What dominates what: the steps that every way to a step goes through."""

from workerhost_drawings.emitting.graph.errors import IrreducibleError
from workerhost_drawings.emitting.graph.order import ENDED, Graph, Node


class Tree:
    """A tree over the nodes of a graph, of which the first is the root and every parent comes before its children."""

    def __init__(self) -> None:
        self.parent: list[Node] = []
        self.depth: list[int] = []
        self._jump: list[Node] = []

    def add(self, parent: Node) -> None:
        """Add the next node under its parent; the root has itself for one."""
        node = len(self.parent)
        self.parent.append(parent)
        if parent == node:
            self.depth.append(0)
            self._jump.append(node)
            return
        self.depth.append(self.depth[parent] + 1)
        far, farther = self._jump[parent], self._jump[self._jump[parent]]
        even = self.depth[parent] - self.depth[far] == self.depth[far] - self.depth[farther]
        self._jump.append(farther if even else parent)

    def common(self, one: Node, other: Node) -> Node:
        """Return the deepest node that is above both, or one of them, in a logarithmic time."""
        if self.depth[one] > self.depth[other]:
            one, other = other, one
        other = self._lifted(other, self.depth[one])
        while one != other:
            if self._jump[one] != self._jump[other]:
                one, other = self._jump[one], self._jump[other]
            else:
                one, other = self.parent[one], self.parent[other]
        return one

    def above(self, upper: Node, lower: Node) -> bool:
        """Return whether one node is above another, or the same."""
        return self.depth[upper] <= self.depth[lower] and self._lifted(lower, self.depth[upper]) == upper

    def _lifted(self, node: Node, depth: int) -> Node:
        while self.depth[node] > depth:
            node = self._jump[node] if self.depth[self._jump[node]] >= depth else self.parent[node]
        return node


def dominators(graph: Graph) -> Tree:
    """Return the tree of dominators.

    Only the edges that lead forward count: in a graph that can be written with loops, the others change nothing. One
    pass does then, also over a graph of thousands of branches that lead to one step, where the method of repeated
    passes takes a quadratic time.

    Raises:
        IrreducibleError: a cycle can be entered at two places.
    """
    tree = Tree()
    sources: list[list[Node]] = [[] for _ in graph.steps]
    for source, target in graph.edges():
        if source < target:
            sources[target].append(source)
    for node, before in enumerate(sources):
        parent = before[0] if before else node
        for source in before:
            parent = tree.common(parent, source)
        tree.add(parent)
    for source, target in graph.edges():
        if target <= source and not tree.above(target, source):
            raise IrreducibleError(_cycle(graph, target, source))
    return tree


def _cycle(graph: Graph, first: Node, last: Node) -> tuple[str, ...]:
    """Return the way that the search went to an edge that leads back."""
    way = [last]
    while way[-1] != first:
        way.append(graph.tree[way[-1]])
    return tuple(graph.steps[node].id for node in reversed(way))


def sizes(parent: list[Node]) -> list[int]:
    """Return how many nodes are below each node of a tree, with itself.

    Args:
        parent: the parent of each node, which comes before it; of the first that is itself.
    """
    counts = [1] * len(parent)
    for node in range(len(counts) - 1, 0, -1):
        counts[parent[node]] += counts[node]
    return counts


def closed(graph: Graph, tree: Tree, *, ends: bool) -> list[bool]:
    """Return of each node whether nothing leads from the nodes that it dominates to others.

    Args:
        graph: the graph.
        tree: its dominators.
        ends: whether an edge that ends the flow leads nowhere.
    """
    highest = list(tree.depth)
    for node, arms in enumerate(graph.arms):
        for arm in arms:
            if arm.target == ENDED:
                reached = tree.depth[node] if ends else -1
            elif arm.target <= node:
                reached = tree.depth[arm.target]
            else:
                reached = tree.depth[tree.parent[arm.target]]
            highest[node] = min(highest[node], reached)
    for node in range(len(highest) - 1, 0, -1):
        above = tree.parent[node]
        highest[above] = min(highest[above], highest[node])
    return [highest[node] >= tree.depth[node] for node in range(len(highest))]
