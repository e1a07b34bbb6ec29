"""Flows in the making: steps get their ids and their order as front ends add them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.steps import Case, End, Flow, Step

_STEP: TypeAdapter[Step] = TypeAdapter(Step)

Piece = dict[str, Any]
"""The fields of a step that has no id yet, and goes on to the piece after it."""


@dataclass
class FlowBuilder:
    """Collects the steps of one flow."""

    result: Expression | None
    """Of the run, for tasks that end it."""
    is_main: bool = False
    """Whether the run ends where the flow does."""
    steps: list[Step] = field(default_factory=list)
    _end: str | None = None

    def add(self, pieces: Sequence[Piece], begin: str, after: str | None) -> str | None:
        """Add pieces one after the other; return the id of the first, or of what follows where there are none.

        Args:
            pieces: what to add. One that has an `id` keeps it.
            begin: the id of the first; the others' begin with it.
            after: the id of the step after the last.
        """
        ids = [each.get("id") or (begin if number == 0 else f"{begin}#{number}") for number, each in enumerate(pieces)]
        for number, piece in enumerate(pieces):
            following = ids[number + 1] if number + 1 < len(ids) else after
            self.steps.append(_STEP.validate_python(_linked({**piece, "id": ids[number]}, following)))
        return ids[0] if ids else after

    def end(self, begin: str) -> str | None:
        """Return the id of a step that ends the run; None where that is the end of the flow."""
        if self.is_main:
            return None
        if self._end is None:
            self._end = f"{begin}#end"
            self.steps.append(End(id=self._end, result=self.result))
        return self._end

    def flow(self, start: str | None, result: Expression | None = None) -> Flow:
        """Return the flow."""
        return Flow(start=start, steps=self.steps, result=result)


FOLLOWING = "#following"
"""Stands in the cases of a piece for the step after it."""


def _linked(piece: Piece, following: str | None) -> Piece:
    if piece.get("cases"):
        cases = [Case(when=w, next=following if n == FOLLOWING else n) for w, n in piece["cases"]]
        piece = {**piece, "cases": cases}
    return {"next": following, **piece}
