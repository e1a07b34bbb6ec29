"""Makes `if`, `while` and functions of the graph of a flow."""

import ast
from typing import Protocol

from workerhost_drawings.flow.steps import Branch, Case, Flow, Step


class Renderer(Protocol):
    """Makes the statements of single steps; the control flow between them is not its business."""

    def statements(self, step: Step) -> list[ast.stmt]:
        """Return what a step does, beginning with its comment; of a branch that is what comes before the `if`."""
        ...

    def condition(self, step: Branch, case: Case) -> ast.expr:
        """Return the test of one case."""
        ...

    def finish(self, flow: Flow) -> list[ast.stmt]:
        """Return the statements that end the flow where the code does not simply run out: `return <its result>`."""
        ...


class IrreducibleError(ValueError):
    """The graph has a cycle that can be entered at two places.

    Args:
        steps: ids of the steps on it, in order.
    """

    def __init__(self, steps: tuple[str, ...]) -> None:
        super().__init__(f"the steps {', '.join(steps)} form a cycle that is entered at more than one of them")
        self.steps = steps


def structured(flow: Flow, renderer: Renderer) -> list[ast.stmt]:
    """Return the statements of a flow, each step of it once.

    Raises:
        IrreducibleError: the graph cannot be written with loops.
    """
    raise NotImplementedError
