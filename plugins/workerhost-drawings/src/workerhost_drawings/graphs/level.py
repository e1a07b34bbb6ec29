"""One level of a drawing: the nodes that become one flow, without those that become flows within it."""

from collections.abc import Container, Mapping
from functools import cached_property

import networkx as nx

from workerhost_drawings.graphs.graph import Graph, Parts

_EXIT = ""
"""Where a level ends; no node has this id."""


class Level:
    """Answers what can be reached on a level, and where ways meet.

    Args:
        graph: the whole drawing.
        parts: what its nodes say.
        entry: where the level begins.
        nodes: its nodes, those of inner flows included.
        exits: nodes at which it ends, which do not belong to it.
    """

    def __init__(
        self, graph: Graph, parts: Parts, entry: str, nodes: Mapping[str, None], exits: frozenset[str]
    ) -> None:
        self.graph, self.parts, self.entry, self.nodes, self.exits = graph, parts, entry, nodes, exits
        self._targets: dict[str, list[str]] = {}
        self._bodies: dict[str, dict[str, None] | None] = {}

    def targets(self, node: str) -> list[str]:
        """Return where the ways out of a node lead on this level."""
        if node not in self._targets:
            self._targets[node] = [each for each in self.graph.targets(node) if each in self.nodes]
        return self._targets[node]

    def strays(self, node: str) -> list[str]:
        """Return where the ways out of a node lead that belong neither to this level nor to its end."""
        return [each for each in self.graph.targets(node) if each not in self.nodes and each not in self.exits]

    def reach(
        self, start: str | None, stops: Container[str], without: tuple[str, str] | None = None
    ) -> dict[str, None]:
        """Return what can be reached from a node on this level, itself first, without passing some.

        Args:
            start: where; nothing is reached from a node that is not on this level.
            stops: what is not passed.
        """
        if start is None or start not in self.nodes or start in stops:
            return {}
        reached, waiting = {start: None}, [start]
        for each in waiting:
            for target in self.targets(each):
                if target not in reached and target not in stops:
                    reached[target] = None
                    waiting.append(target)
        return reached

    def body(self, loop: str) -> dict[str, None] | None:
        """Return the nodes of a loop's body; None where a way leads out of it to what follows the loop."""
        if loop not in self._bodies:
            done = self.graph.to(loop, "done")
            body = self.reach(self.graph.to(loop, "continue"), (loop,))
            entries = (other for each in body for other in self.graph.before[each] if other not in body)
            is_left = done in body or (
                any(other != loop for other in entries) and any(each in body for each in self.reach(done, (loop,)))
            )
            self._bodies[loop] = None if is_left else body
        return self._bodies[loop]

    def _moves(self, node: str) -> list[str]:
        """Return what follows a node, with a loop's body as part of the loop."""
        if node in self.parts.loops and self.body(node) is not None:
            done = self.graph.to(node, "done")
            return [done] if done in self.nodes and done is not None else [_EXIT]
        all_targets = self.graph.targets(node)
        moves = self.targets(node)
        return moves if len(moves) == len(all_targets) and moves else [*moves, _EXIT]

    @cached_property
    def _meetings(self) -> Mapping[str, str]:
        return self._meetings_without(())

    @cached_property
    def _meetings_beside_ends(self) -> Mapping[str, str]:
        return self._meetings_without(self.parts.ends)

    def _meetings_without(self, removed: Container[str]) -> Mapping[str, str]:
        """Return the node at which all ways from a node meet again, by that node."""
        backwards: nx.DiGraph[str] = nx.DiGraph()
        backwards.add_node(_EXIT)
        for node in self.nodes:
            if node not in removed:
                moves = [each for each in self._moves(node) if each not in removed] or [_EXIT]
                backwards.add_edges_from((each, node) for each in moves)
        return dict(nx.immediate_dominators(backwards, _EXIT))

    def meeting(self, node: str) -> str | None:
        """Return where all ways from a node meet again, but for those that come to an end of the run before.

        None where they do not meet before the level ends.
        """
        return self._meetings.get(node, _EXIT) or self._meetings_beside_ends.get(node, _EXIT) or None

    def behind(self, condition: str) -> str | None:
        """Return where a run goes on behind a condition that has no false branch; None where that is the level's end.

        That is where the true branch joins what is also reached without it, or at an end.
        """
        first = self.graph.to(condition, "true")
        if first is None or first not in self.nodes:
            return None
        others = [each for each in self.graph.before[first] if each in self.nodes and each != condition]
        if first in self.parts.ends or any(not self._is_behind(each, first) for each in others):
            return first
        node: str | None = self._meetings.get(first, _EXIT)
        while node and node not in self.parts.ends and self._is_behind(node, first):
            node = self._meetings.get(node, _EXIT)
        return node or None

    def _is_behind(self, node: str, gate: str) -> bool:
        """Tell whether every way to a node leads through another one."""
        begun, ended = self._spans[gate]
        return begun <= self._spans[node][0] < ended

    @cached_property
    def _spans(self) -> Mapping[str, tuple[int, int]]:
        """Numbers of nodes: those of all to which every way leads through a node lie between its two."""
        forwards: nx.DiGraph[str] = nx.DiGraph()
        forwards.add_nodes_from(self.nodes)
        forwards.add_edges_from((each, target) for each in self.nodes for target in self.targets(each))
        gates = nx.immediate_dominators(forwards, self.entry)
        inner: dict[str, list[str]] = {each: [] for each in self.nodes}
        for each in self.nodes:
            if each != self.entry:
                inner[gates[each]].append(each)
        begun: dict[str, int] = {}
        ended: dict[str, int] = {}
        waiting = [self.entry]
        while waiting:
            each = waiting.pop()
            if each in begun:
                ended[each] = len(begun)
            else:
                begun[each] = len(begun)
                waiting += [each, *inner[each]]
        return {each: (begun[each], ended[each]) for each in begun}

    def is_open(self, node: str) -> bool:
        """Tell whether a node is a condition that has no false branch."""
        return node in self.parts.conditions and self.graph.to(node, "false") is None
