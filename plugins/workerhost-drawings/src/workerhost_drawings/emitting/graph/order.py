"""The steps of a flow that can be reached, in the order of the text."""

from collections.abc import Iterator
from dataclasses import dataclass

from workerhost_drawings.flow.steps import Branch, Case, End, Flow, Raise, Step

Node = int
"""A step, by its place in the order: every edge that leads back to a smaller one belongs to a cycle."""

ENDED: Node = -1
"""Where an edge leads that ends the flow."""


@dataclass(frozen=True)
class Arm:
    """One way on from a step: the cases of a branch that lead to one place; none of them for its `next`."""

    cases: tuple[Case, ...]
    target: Node


@dataclass(frozen=True)
class Graph:
    """The steps that can be reached, each after those that lead to it, but for cycles."""

    steps: list[Step]
    arms: list[tuple[Arm, ...]]
    """The ways on, by node; none from a step that ends the run, and never none of a branch's `next`."""
    tree: list[Node]
    """From where the search first came to each node; of the first that is itself."""

    def edges(self) -> Iterator[tuple[Node, Node]]:
        """Return every edge between steps, one for each arm."""
        for node, arms in enumerate(self.arms):
            for arm in arms:
                if arm.target != ENDED:
                    yield node, arm.target


def read_graph(flow: Flow) -> Graph:
    """Return the graph of a flow.

    Raises:
        ValueError: an edge leads to a step that is not there.
    """
    steps = {step.id: step for step in flow.steps}
    ways = {step.id: _ways(step) for step in flow.steps}
    if flow.start is None:
        return Graph([], [], [])
    if flow.start not in steps:
        raise ValueError(f"the flow begins at the step {flow.start}, which is not there")
    came_from, order = _searched(flow.start, ways)
    number = {step: node for node, step in enumerate(order)}
    return Graph(
        [steps[step] for step in order],
        [
            tuple(Arm(cases, ENDED if target is None else number[target]) for cases, target in ways[step])
            for step in order
        ],
        [number[came_from[step]] for step in order],
    )


_Way = tuple[tuple[Case, ...], str | None]


def _ways(step: Step) -> list[_Way]:
    if isinstance(step, (End, Raise)):
        return []
    ways: list[_Way] = []
    for case in step.cases if isinstance(step, Branch) else ():
        if ways and ways[-1][1] == case.next:
            ways[-1] = ((*ways[-1][0], case), case.next)
        else:
            ways.append(((case,), case.next))
    return [*ways, ((), step.next)]


def _searched(start: str, ways: dict[str, list[_Way]]) -> tuple[dict[str, str], list[str]]:
    """Search depth first, the last way first, so that the first way comes first in the reverse of the postorder."""
    came_from = {start: start}
    postorder: list[str] = []
    stack = [(start, reversed(ways[start]))]
    while stack:
        step, remaining = stack[-1]
        for _, target in remaining:
            if target is None or target in came_from:
                continue
            if target not in ways:
                raise ValueError(f"the step {step} leads to the step {target}, which is not there")
            came_from[target] = step
            stack.append((target, reversed(ways[target])))
            break
        else:
            postorder.append(step)
            stack.pop()
    return came_from, postorder[::-1]
