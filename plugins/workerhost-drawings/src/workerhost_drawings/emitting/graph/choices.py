"""Decisions about the form of the code, where more than one would be right."""

from collections.abc import Sequence

from workerhost_drawings.emitting.graph.context import Context
from workerhost_drawings.emitting.graph.jumps import Jumps
from workerhost_drawings.emitting.graph.order import Arm, Node
from workerhost_drawings.emitting.graph.places import Places

LONG = 6
"""Steps of an arm from which on it is not indented where the other arms can leave."""

MOST_PASSED = 50
"""Steps of which one runs, in one `if`."""


class Choices:
    """Decides for one flow."""

    def __init__(self, places: Places, jumps: Jumps) -> None:
        self._places = places
        self._jumps = jumps

    def inline(self, node: Node, target: Node) -> bool:
        """Return whether what a step leads to stands right there."""
        return target > node and self._places.inline[target]

    def guards(self, node: Node, short: Sequence[Node], long: Node, context: Context) -> bool:
        """Return whether one arm of a branch is better not indented, behind the others, which leave.

        Args:
            node: the branch.
            short: where the other arms lead.
            long: where that arm leads.
            context: where the branch stands.
        """
        if not self.inline(node, long) or not all(self._can_leave(node, target, context) for target in short):
            return False
        if not any(self.inline(node, target) or target == context.follow for target in short):
            return True
        longest = max((self._places.size[target] for target in short if self.inline(node, target)), default=1)
        return self._places.size[long] >= max(LONG, 4 * longest)

    def _can_leave(self, node: Node, target: Node, context: Context) -> bool:
        if self.inline(node, target):
            return self._places.closed[target]
        return self._jumps.can_leave(target, context)

    def exit(self, header: Node, context: Context) -> Node:
        """Return where `break` is to lead: where the header's own test leads, if that can be."""
        behind = self._places.behind.get(header, [])
        exits = self._places.exits[header]
        arms = self._places.graph.arms[header]
        for target in (arm.target for arm in arms if len(arms) == 2):
            if target in behind or (target == context.follow and target in exits):
                return target
        if behind:
            return behind[0]
        if context.follow in exits:
            return context.follow
        return next((target for target in exits if not self._jumps.can_end(target)), context.follow)

    def tested(self, header: Node, exit_: Node) -> Arm | None:
        """Return the arm into a loop, if its header does nothing but to test whether it goes on."""
        arms = self._places.graph.arms[header]
        if len(arms) != 2 or self._places.inside.get(header):
            return None
        for into, out in (arms, arms[::-1]):
            if out.target == exit_ != into.target and not self.inline(header, out.target):
                return into
        return None

    def group(self, rest: Sequence[Node], marks: set[Node]) -> list[Node]:
        """Return the next step of some, and marked ones behind it, of which only one can run.

        Args:
            rest: steps in the order of the text.
            marks: those that may be marked.
        """
        group = [rest[0]]
        for node in rest[1:]:
            if node not in marks or self._places.feeds(group, node):
                break
            group.append(node)
        return group
