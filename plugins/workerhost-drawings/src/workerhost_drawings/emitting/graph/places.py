"""Where each step is to stand in the text."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from workerhost_drawings.emitting.graph.dominators import Tree, closed, dominators, sizes
from workerhost_drawings.emitting.graph.errors import NestingError
from workerhost_drawings.emitting.graph.loops import Loop, Loops, find_loops
from workerhost_drawings.emitting.graph.order import ENDED, Graph, Node, read_graph
from workerhost_drawings.flow.steps import Flow

MOST_LOOPS = 15
"""Loops in each other; Python allows 20 blocks, and what stands around a flow needs some."""


@dataclass
class Places:
    """The place of each node.

    A node that one edge leads to stands where that edge is, in the arm of a branch for example. The others stand behind
    the node that dominates them, or behind the loop that they leave.
    """

    graph: Graph
    loops: Loops
    size: list[int]
    """How many nodes each dominates, with itself."""
    closed: list[bool]
    """Whether all that it dominates ends the flow, or goes round for ever."""
    inline: list[bool]
    """Whether it stands where the one edge is that leads to it."""
    parent: list[Node]
    """The node in whose arm, or behind which, it stands."""
    inside: dict[Node, list[Node]] = field(default_factory=dict)
    """What stands behind a node, within the loop of which that is the header, in the order of the text."""
    behind: dict[Node, list[Node]] = field(default_factory=dict)
    """What stands behind the loop with that header, in the order of the text."""
    exits: dict[Node, list[Node]] = field(default_factory=dict)
    """Where else the loop with that header is left to, `ENDED` among them."""
    home: list[Loop | None] = field(default_factory=list)
    """The innermost loop in whose text it stands; a header stands outside its own."""

    def outside(self, target: Node, loop: Loop) -> bool:
        """Return whether a node does not stand in the text of a loop."""
        home = None if target == ENDED else self.home[target]
        while home is not None and home is not loop:
            home = self.home[home.header]
        return home is not loop

    def feeds(self, members: list[Node], target: Node) -> bool:
        """Return whether something that stands at one of some nodes, or in their arms, leads forward to another."""
        begins = sorted(members, key=lambda node: self._spans[node])
        keys = [self._spans[node][0] for node in begins]
        for source in self._sources[target]:
            at = bisect_right(keys, self._spans[source][0]) - 1
            if at >= 0 and self._spans[source][0] < self._spans[begins[at]][1]:
                return True
        return False

    @cached_property
    def _sources(self) -> list[list[Node]]:
        sources: list[list[Node]] = [[] for _ in self.graph.steps]
        for source, target in self.graph.edges():
            if source < target:
                sources[target].append(source)
        return sources

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        """Numbers of the tree of places: those of what stands below a node are in its span."""
        counts = sizes(self.parent)
        begin = [0] * len(counts)
        used = [1] * len(counts)
        for node in range(1, len(counts)):
            above = self.parent[node]
            begin[node] = begin[above] + used[above]
            used[above] += counts[node]
        return [(begin[node], begin[node] + counts[node]) for node in range(len(counts))]


def find_places(flow: Flow, *, ends: bool) -> Places:
    """Return where the steps of a flow are to stand.

    Args:
        flow: the flow.
        ends: whether a statement can end the flow from everywhere.

    Raises:
        IrreducibleError: a cycle can be entered at two places.
        NestingError: loops are too deep in each other.
        ValueError: an edge leads to a step that is not there.
    """
    graph = read_graph(flow)
    tree = dominators(graph)
    loops = find_loops(graph)
    _check_depth(graph, loops)
    entries = [0] * len(graph.steps)
    for source, target in graph.edges():
        entries[target] += source < target
    places = Places(
        graph,
        loops,
        sizes(tree.parent),
        closed(graph, tree, ends=ends),
        [count == 1 for count in entries],
        list(tree.parent),
    )
    _place(places, tree)
    _stay_in_loops(places, tree, ends=ends)
    _note_exits(places)
    _find_homes(places)
    return places


def _check_depth(graph: Graph, loops: Loops) -> None:
    depth: dict[Node, int] = {}
    for header in sorted(loops.by_header):
        around = loops.by_header[header].parent
        depth[header] = 1 if around is None else depth[around.header] + 1
        if depth[header] > MOST_LOOPS:
            raise NestingError(graph.steps[header].id, f"stands in more than {MOST_LOOPS} loops")


def _place(places: Places, tree: Tree) -> None:
    for node in range(1, len(places.parent)):
        left = places.loops.left(tree.parent[node], node)
        if left:
            places.parent[node] = left[-1].header
            places.behind.setdefault(left[-1].header, []).append(node)
        elif not places.inline[node]:
            places.inside.setdefault(tree.parent[node], []).append(node)


def _stay_in_loops(places: Places, tree: Tree, *, ends: bool) -> None:
    """Leave in a loop's text what ends the flow there, and order what stands behind it.

    One way out is kept behind the loop: the header's own if it is one of them, else the longest. The header's own comes
    first, so that the header can be the test of a `while`.
    """
    leaving: set[Node] = set()
    for source, target in places.graph.edges():
        left = places.loops.left(source, target)
        behind = places.parent[target] == left[-1].header and target > source if left else False
        leaving.update(loop.header for loop in (left[:-1] if behind else left))
    if not ends:
        leaving.update(
            loop.header
            for node, arms in enumerate(places.graph.arms)
            if any(arm.target == ENDED for arm in arms)
            for loop in places.loops.around(node)
        )
    for header, behind_it in places.behind.items():
        able = [node for node in behind_it if places.inline[node] and places.closed[node]]
        if len(able) == len(behind_it) and header not in leaving:
            able.remove(max(able, key=lambda node: (tree.parent[node] == header, places.size[node], -node)))
        stays = set(able)
        for node in able:
            places.parent[node] = tree.parent[node]
        places.behind[header] = sorted(
            (node for node in behind_it if node not in stays),
            key=lambda node: (not places.inline[node] or tree.parent[node] != header, node),
        )
        for node in places.behind[header]:
            places.inline[node] = False


def _note_exits(places: Places) -> None:
    """Note where loops are left to, but for what stands behind them and what stays in their text."""
    exits: dict[Node, dict[Node, None]] = {header: {} for header in places.loops.by_header}
    behind = {node: header for header, nodes in places.behind.items() for node in nodes}
    for source, arms in enumerate(places.graph.arms):
        for target in (arm.target for arm in arms):
            if target > source and places.inline[target]:
                continue
            for loop in places.loops.left(source, target):
                if behind.get(target) != loop.header:
                    exits[loop.header][target] = None
    places.exits = {header: list(found) for header, found in exits.items()}


def _find_homes(places: Places) -> None:
    behind = {node for nodes in places.behind.values() for node in nodes}
    for node, above in enumerate(places.parent):
        if node == above:
            places.home.append(None)
        elif node in behind or above not in places.loops.by_header:
            places.home.append(places.home[above])
        else:
            places.home.append(places.loops.by_header[above])
