"""Ways from one place in the text to another."""

import ast
from collections.abc import Callable, Sequence

from workerhost_drawings.emitting.graph.context import Context, Written
from workerhost_drawings.emitting.graph.order import ENDED, Node
from workerhost_drawings.emitting.graph.places import Places
from workerhost_drawings.emitting.graph.syntax import any_marked, mark, marked


class Jumps:
    """Writes how the code goes on at a step that stands elsewhere.

    Args:
        places: where the steps stand.
        finish: makes the statements that end the flow; None where no statement can.
    """

    def __init__(self, places: Places, finish: Callable[[], Sequence[ast.stmt]] | None) -> None:
        self._places = places
        self._finish = finish
        ids = {step.id for step in places.graph.steps}
        self._end = "end"
        while self._end in ids:
            self._end += "'"
        self.used = False
        """Whether any step was marked."""

    def jump(self, target: Node, context: Context) -> Written:
        """Return what leads to a step, or to the end of the flow."""
        frame = context.frame
        if target == context.follow:
            return Written()
        if frame is not None and target == frame.loop.header:
            return Written([ast.Continue()], falls=False)
        if frame is not None and target == frame.exit:
            frame.breaks = True
            return Written([ast.Break()], falls=False)
        if target == ENDED and self._finish is not None:
            return Written(list(self._finish()), falls=False)
        if frame is not None and self._places.outside(target, frame.loop):
            frame.marks.add(target)
            self.used = True
            return Written([mark(self.word(target)), ast.Break()], falls=False)
        return self.marked(target)

    def marked(self, target: Node) -> Written:
        """Return what marks a step that stands further on in the text, and runs out."""
        self.used = True
        return Written([mark(self.word(target))], falls=False, marks={target})

    def can_leave(self, target: Node, context: Context) -> bool:
        """Return whether what leads to a step leaves, even where the code only had to run out."""
        return self.can_end(target) or (
            context.frame is not None
            and (target == context.frame.loop.header or self._places.outside(target, context.frame.loop))
        )

    def can_end(self, target: Node) -> bool:
        """Return whether that is the end of the flow, and a statement leads there from everywhere."""
        return target == ENDED and self._finish is not None

    def word(self, target: Node) -> str:
        """Return what marks a step, or the end of the flow."""
        return self._end if target == ENDED else self._places.graph.steps[target].id

    def settle(self, written: Written, context: Context, *, last: bool) -> None:
        """Add what leaves the loop, or begins it anew, for marked steps, where all of them stand outside of it.

        Args:
            written: what there is.
            context: where it stands.
            last: whether nothing is added before what follows there.
        """
        frame = context.frame
        if frame is None or not written.marks:
            return
        header = frame.loop.header
        outer = written.marks - {header}
        if not all(self._places.outside(target, frame.loop) for target in outer):
            return
        if header in written.marks:
            self._again(written, header, runs_on=last and context.follow == header, alone=not outer)
        if outer:
            leave: list[ast.stmt] = [ast.Break()]
            written.statements += [ast.If(any_marked(), leave, [])] if written.falls else leave
            frame.marks |= outer
        written.marks = set()

    def _again(self, written: Written, header: Node, *, runs_on: bool, alone: bool) -> None:
        """Add what begins the loop with that header anew.

        Args:
            written: what there is.
            header: the header.
            runs_on: whether the loop begins anew where the code runs out.
            alone: whether no other step may be marked.
        """
        if alone and runs_on:
            written.statements.append(mark(None))
            written.falls = True
            return
        body: list[ast.stmt] = [mark(None), ast.Continue()]
        if alone and not written.falls:
            written.statements += body
            return
        test = any_marked() if alone else marked([self.word(header)])
        written.statements.append(ast.If(test, body, []))
