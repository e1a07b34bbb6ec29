"""Loops that begin the run anew, so that its history does not grow without end, and go on where they were.

The new run gets what the locals held as a second argument, `resume`, and begins with a branch to the loop. That branch
is a step of the flow like others, so that the control flow around the loop may be whatever it is.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workerhost_drawings.emitting.assigned import Effect
from workerhost_drawings.emitting.effects import Effects
from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.syntax import assign, call, constant, literal, name, statement
from workerhost_drawings.emitting.writing import Special
from workerhost_drawings.flow.expressions import Value
from workerhost_drawings.flow.program import INPUT, Program
from workerhost_drawings.flow.steps import Branch, Case, Flow, Mark, While

_BEGIN = "\0begin"
"""The id of the branch; no id of a drawing holds that character in the beginning."""


@dataclass(frozen=True)
class Resuming:
    """The outermost flow of a program with the ways into its loops."""

    flow: Flow
    first: Sequence[ast.stmt] = ()
    """What comes before the flow."""
    carried: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The locals that each loop carries, by its id."""
    special: Special = field(default_factory=Special)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """Of the steps that were added."""

    @classmethod
    def of(cls, program: Program, names: Names, effects: Effects) -> "Resuming":
        """Add what leads a run that was begun anew to its loop; nothing where no loop does that."""
        flow = program.flow
        loops = [each for each in flow.steps if isinstance(each, While) and begins_anew(each)]
        if not loops:
            return cls(flow)
        known = [INPUT, program.environment or INPUT]
        asked = effects.of_queries(program.queries)
        carried = {
            each.id: sorted(
                (asked | effects.of_flow(flow.model_copy(update={"start": each.id})).reads).difference(known)
            )
            for each in loops
        }
        ways = {each.id: Mark(id=f"{_BEGIN} {each.id}", next=each.id) for each in loops}
        branch = Branch(id=_BEGIN, cases=[Case(when=Value(), next=each.id) for each in ways.values()], next=flow.start)
        taking: dict[str, list[ast.stmt]] = {
            ways[loop].id: [_take(each, names) for each in found] for loop, found in carried.items()
        }
        tests = {ways[loop].id: call("self.resumes_at", constant(loop)) for loop in carried}
        return cls(
            flow.model_copy(update={"start": branch.id, "steps": [branch, *ways.values(), *flow.steps]}),
            [statement(call("self.resume", name("resume"), literal(list(carried))))],
            carried,
            Special({branch.id: [], **taking}, dict(tests)),
            {ways[loop].id: Effect(assigns=frozenset(found)) for loop, found in carried.items()},
        )


def begins_anew(loop: While) -> bool:
    """Tell whether a loop begins the run anew now and then."""
    return loop.reset_after is not None or loop.reset_history is not None


def _take(local: str, names: Names) -> ast.stmt:
    return assign(names.local(local), call("self.carried", constant(local)))
