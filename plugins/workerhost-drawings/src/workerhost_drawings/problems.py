"""What the parts of the compiler find, and what they hand to each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workerhost.drawing import DrawingProblem
from workerhost_drawings.flow.program import Program


@dataclass
class Findings:
    """Everything that is wrong with a drawing, in the order in which it was found. Belongs to one compilation."""

    problems: list[DrawingProblem] = field(default_factory=list)
    warnings: list[DrawingProblem] = field(default_factory=list)

    def problem(self, reason: str, node: str | None = None, path: str | None = None) -> None:
        """Note what refuses the drawing, once."""
        self._note(self.problems, DrawingProblem(reason, node, path))

    def warning(self, reason: str, node: str | None = None, path: str | None = None) -> None:
        """Note what may not be meant as it is drawn, once."""
        self._note(self.warnings, DrawingProblem(reason, node, path))

    @staticmethod
    def _note(found: list[DrawingProblem], problem: DrawingProblem) -> None:
        if problem not in found:
            found.append(problem)


@dataclass(frozen=True)
class Read:
    """What a front end made of a drawing."""

    program: Program
    types: Mapping[str, str] = field(default_factory=dict)
    """The kind of each node, in the words of its format, by the node's id: for the map."""
