"""Makes `if` and `while` of the graph of a flow."""

import ast
from collections.abc import Sequence
from typing import Protocol

from workerhost_drawings.emitting.graph.errors import IrreducibleError, NestingError
from workerhost_drawings.emitting.graph.jumps import Jumps
from workerhost_drawings.emitting.graph.places import find_places
from workerhost_drawings.emitting.graph.syntax import MARKER, runs_out
from workerhost_drawings.emitting.graph.writing import Writer
from workerhost_drawings.flow.steps import Branch, Case, Flow, Step

__all__ = ["MARKER", "IrreducibleError", "NestingError", "Renderer", "runs_out", "structured"]


class Renderer(Protocol):
    """Makes the statements of single steps; the control flow between them is not its business."""

    def statements(self, step: Step) -> Sequence[ast.stmt]:
        """Return what a step does, beginning with its comment; of a branch that is what comes before the `if`.

        Called once for each step, in the order of the text. An `End` or `Raise` ends with the statement that leaves.
        """
        ...

    def condition(self, step: Branch, case: Case) -> ast.expr:
        """Return the test of one case, called once for each. Python's own truth of its value decides."""
        ...

    def finish(self, flow: Flow) -> Sequence[ast.stmt]:
        """Return the statements that end the flow where the code does not simply run out: `return <its result>`.

        They must leave from within any `while`. Where no statement can, as in a block within other code, return none:
        then the code always runs out at its end, over the variable where it must.

        Called as often as it is needed, and once more; the statements are to be new ones each time.
        """
        ...


def structured(flow: Flow, renderer: Renderer, *, whole: bool = False) -> list[ast.stmt]:
    """Return the statements of a flow, each step of it once; steps that cannot be reached are left out.

    Where branches meet again, the code goes on behind them. Cycles become `while` loops. An edge that leads over code
    which would run next, or out of several loops, puts the id of the step that it leads to into the variable `MARKER`,
    and what is passed over is under an `if`. The code sets the variable before it reads it, and it is None wherever a
    step runs, so flows in each other can have the same.

    The flow has also ended where the code runs out at the end of the list: what ends it is to be appended, unless
    `runs_out` of the list says that this is never reached. An empty list is a flow of nothing.

    Args:
        flow: the graph.
        renderer: makes the statements of each step. It calls this again for the flows within a step.
        whole: whether nothing of its function runs behind it but what ends the flow. The variable may stay set then.

    Raises:
        IrreducibleError: a cycle can be entered at two places, so it is no loop.
        NestingError: conditions or loops are deeper in each other than Python allows.
        ValueError: an edge leads to a step that is not there.
    """
    ends = bool(renderer.finish(flow))
    places = find_places(flow, ends=ends)
    if not places.graph.steps:
        return []
    jumps = Jumps(places, (lambda: renderer.finish(flow)) if ends else None)
    return Writer(places, renderer, jumps).written(whole=whole).statements
