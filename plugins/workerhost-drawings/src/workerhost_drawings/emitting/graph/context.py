"""What is known of a place while code is written there."""

import ast
from dataclasses import dataclass, field, replace

from workerhost_drawings.emitting.graph.loops import Loop
from workerhost_drawings.emitting.graph.order import Node

NOWHERE: Node = -2
"""What follows where the code must not run out."""


@dataclass(eq=False)
class Frame:
    """A loop that is being written."""

    loop: Loop
    exit: Node
    """What stands behind it, where `break` leads."""
    breaks: bool = False
    """Whether something leaves to the exit with no step marked."""
    marks: set[Node] = field(default_factory=set)
    """Steps that may be marked where it is left."""


@dataclass(eq=False)
class Base:
    """Code at whose end stands what would be too deep within it."""

    follow: Node
    """What runs next behind it."""
    frame: Frame | None
    """The loop around it."""
    depth: int
    moved: list[Node] = field(default_factory=list)
    """Steps that are to stand at its end, each under a test whether it is marked."""


@dataclass(frozen=True)
class Context:
    """Where code is being written."""

    follow: Node
    """What runs next where the code runs out."""
    frame: Frame | None = None
    """The loop around it."""
    depth: int = 0
    """Conditions and loops around it, in its flow."""
    base: Base | None = None

    @property
    def needs_base(self) -> bool:
        """Whether something else follows behind the base than here."""
        return self.base is None or self.base.follow != self.follow or self.base.frame is not self.frame

    def before(self, follow: Node, *, others: bool = False) -> "Context":
        """Return the context of code behind which something else follows.

        Args:
            follow: what follows.
            others: whether steps stand in between, to which the code may lead.
        """
        return replace(self, follow=follow, base=None if others else self.base)

    def guarded(self) -> "Context":
        """Return the context of code that must leave."""
        return replace(self, follow=NOWHERE, base=None)

    def based(self) -> "Context":
        """Return the context with a base here."""
        return replace(self, base=Base(self.follow, self.frame, self.depth))

    def deeper(self) -> "Context":
        """Return the context of an arm."""
        return replace(self, depth=self.depth + 1)


@dataclass
class Written:
    """Statements, and how the code behind them is reached."""

    statements: list[ast.stmt] = field(default_factory=list)
    falls: bool = True
    """Whether that may be with no step marked."""
    marks: set[Node] = field(default_factory=set)
    """Steps that may be marked then."""

    @property
    def leaves(self) -> bool:
        """Whether the code behind them is never reached."""
        return not self.falls and not self.marks

    def add(self, part: "Written") -> None:
        """Add a part that runs whenever the code behind is reached."""
        self.statements += part.statements
        self.falls = part.falls
        self.marks = part.marks
