"""The graph of a drawing, and what its nodes say to the control flow."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import networkx as nx

from workerhost_drawings.flow.base import Form
from workerhost_drawings.flow.expressions import Expression, JavaScript, ObjectOf, Value
from workerhost_drawings.flow.steps import Step

Ways = Mapping[str, Iterable[tuple[str, str]]]
"""Of each node: the word of a way (`true`, `false`, `continue`, `done`, or none), and where it leads."""


class NodePlace(Protocol):
    """A node, to which problems belong."""

    def problem(self, reason: str, path: str | None = None) -> None:
        """Note what refuses the drawing."""
        ...

    def warning(self, reason: str, path: str | None = None) -> None:
        """Note what may not be meant."""
        ...

    def step(self, part: str = "") -> dict[str, Any]:
        """Return the id, node and label of a step: of the node's first one, or of a part that follows."""
        ...


class LoopForm(Form):
    """What a loop says."""

    condition: Expression | None = None
    """Of a loop through items it may be missing."""
    items: Expression | None = None
    item: str = "item"
    index: str | None = None
    reset_after: int | None = None
    reset_history: int | None = None

    @property
    def test(self) -> Expression:
        """What a loop without items looks at."""
        return self.condition or Value(value=False)


class EndForm(Form):
    """What an end says."""

    mapping: Expression | None = None
    with_metadata: bool = False

    def result(self, value: Expression | None) -> Expression | None:
        """Return what the run ends with, where a value is its result."""
        if not self.with_metadata:
            return value
        return ObjectOf(fields={"result": value or Value(), "metadata": JavaScript(code="workflowInfo()")})


@dataclass(frozen=True)
class Parts:
    """What the nodes of a drawing say, by their ids. A node has steps, or is a condition, a loop or an end."""

    helper: Callable[[str], str]
    """Returns a local that no node has, by a name that it may have."""
    places: dict[str, NodePlace] = field(default_factory=dict)
    steps: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    """The locals of the results of those that have one."""
    conditions: dict[str, Expression] = field(default_factory=dict)
    loops: dict[str, LoopForm] = field(default_factory=dict)
    ends: dict[str, EndForm] = field(default_factory=dict)

    def said(self) -> Iterator[tuple[str, object]]:
        """Yield each node, and what it says."""
        for kind in (self.steps, self.conditions, self.loops, self.ends):
            yield from kind.items()


@dataclass(frozen=True)
class Graph:
    """What a run can pass: every node is reached from the first one."""

    entry: str
    ways: Mapping[str, tuple[tuple[str, str], ...]]
    """In the order in which the nodes are reached."""

    def to(self, node: str, word: str) -> str | None:
        """Return where the way of a word leads."""
        return next((target for each, target in self.ways[node] if each == word), None)

    def targets(self, node: str) -> tuple[str, ...]:
        """Return where all ways lead."""
        return tuple(dict.fromkeys(target for _, target in self.ways[node]))

    @cached_property
    def before(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes from which ways lead to each node."""
        found: dict[str, list[str]] = {each: [] for each in self.ways}
        for each in self.ways:
            for target in self.targets(each):
                found[target].append(each)
        return {each: tuple(nodes) for each, nodes in found.items()}


def reached(start: str, ways: Ways) -> dict[str, None]:
    """Return what is reached from a node, itself first, in an order that depends on ids alone."""
    found, waiting = {start: None}, [start]
    for each in waiting:
        new = dict.fromkeys(target for _, target in sorted(ways[each]) if target not in found)
        waiting += new
        found.update(new)
    return found


def endless_cycles(ways: Mapping[str, tuple[tuple[str, str], ...]], may_end: Callable[[str], bool]) -> list[list[str]]:
    """Return cycles out of which no way leads, each with its nodes in the order of `ways`.

    Args:
        ways: of the nodes that are reached.
        may_end: tells whether a node is a way out itself, as a condition without a false branch is.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(ways)
    graph.add_edges_from((each, target) for each, leading in ways.items() for _, target in leading)
    cycles = []
    for component in nx.strongly_connected_components(graph):
        is_cycle = len(component) > 1 or any(graph.has_edge(each, each) for each in component)
        leads_out = any(target not in component for each in component for _, target in ways[each])
        if is_cycle and not leads_out and not any(may_end(each) for each in component):
            cycles.append([each for each in ways if each in component])
    return sorted(cycles)
