"""What writes the statements of one program: the renderer of its flows, and what the kinds of steps share."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workerhost_drawings.emitting.control import runs_out, structured
from workerhost_drawings.emitting.expressions import Expressions
from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.emitting.notes import Notes
from workerhost_drawings.emitting.syntax import call, constant, function, statement
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.program import Program
from workerhost_drawings.flow.steps import Branch, Case, Flow, Step
from workerhost_drawings.problems import Findings

LONGEST_ID = 300
"""Bytes of a node's id: Temporal takes 400 for the summary that names it."""

StepWriter = Callable[[Any, "Writing"], list[ast.stmt]]
"""Returns the statements of a step of its kind, without a comment."""


@dataclass(frozen=True)
class Special:
    """Statements and tests that the emitter puts into a flow itself, by the ids of the steps that stand for them."""

    statements: Mapping[str, list[ast.stmt]] = field(default_factory=dict)
    tests: Mapping[str, ast.expr] = field(default_factory=dict)
    """By the id of the step to which the case leads."""


@dataclass(eq=False)
class Writing:
    """Writes the flows of one program; the control flow's renderer."""

    program: Program
    names: Names
    expressions: Expressions
    notes: Notes
    findings: Findings
    writers: Mapping[str, StepWriter]
    """By kind."""
    told_by_history: frozenset[str]
    """Nodes that the run's history, or a helper of the step, tells of."""
    read: frozenset[str]
    """Locals that are read somewhere."""
    objects: frozenset[str]
    """Locals into which nothing but objects is put."""
    carried: Mapping[str, Sequence[str]]
    """The locals that loops of the outermost flow carry into a new run, by the ids of the loops."""
    special: Special = field(default_factory=Special)
    ends: set[int] = field(default_factory=set)
    """Identities of the `return` statements that end the whole run."""
    bodies: set[int] = field(default_factory=set)
    """Identities of the functions of flows within steps, whose `return` ends only them."""
    catching: int = 0
    """How many steps that may go on after a failure stand around what is being written."""
    _main: Flow | None = None
    _inlined: set[int] = field(default_factory=set)
    _passed: set[str] = field(default_factory=set)

    def statements(self, step: Step) -> list[ast.stmt]:
        """Return what a step does, after the comment of its node."""
        if step.id in self.special.statements:
            return self.special.statements[step.id]
        passed = self._passing(step)
        made = [*passed, *self.writers[step.kind](step, self)]
        return [*self.notes.of_node(step), *made] if made else []

    def condition(self, step: Branch, case: Case) -> ast.expr:
        """Return the test of one case."""
        if step.id in self.special.statements and case.next:
            return self.special.tests[case.next]
        return self.expressions.test(case.when, step.node)

    def finish(self, flow: Flow) -> list[ast.stmt]:
        """Return what ends a flow before its code runs out: nothing where the flow stands in the block of another."""
        return [] if id(flow) in self._inlined else [ast.Return(self._result(flow))]

    def main(self, flow: Flow) -> list[ast.stmt]:
        """Return the statements of the outermost flow."""
        self._main = flow
        return self._with_result(flow)

    def called(self, flow: Flow, named: str) -> tuple[ast.stmt, ast.Call]:
        """Return a function of a flow within a step, and the call of it, which is not awaited yet.

        Args:
            flow: within a step.
            named: what its name is made of.
        """
        fresh = self.names.fresh(named, "body")
        made = function(fresh, self._with_result(flow))
        self.bodies.add(id(made))
        return made, call(fresh)

    def inline(self, flow: Flow) -> list[ast.stmt]:
        """Return the statements of a block that runs a flow within a step; they run out where the flow ends."""
        self._inlined.add(id(flow))
        return structured(flow, self) or [ast.Pass()]

    def summary(self, step: Step) -> ast.expr | None:
        """Return what names a step's node in the run's history."""
        if step.node is None:
            return None
        if len(step.node.encode(errors="replace")) > LONGEST_ID:
            self.findings.problem(f"the id has more than {LONGEST_ID} bytes; a shorter one would do", step.node)
        return constant(f"[node: {step.node}]")

    def node(self, step: Step) -> ast.expr | None:
        """Return the id of a step's node."""
        return constant(step.node) if self.summary(step) else None

    def optional(self, expression: Expression | None, step: Step) -> ast.expr | None:
        """Return the value of an expression that may be missing."""
        return self.expressions.value(expression, step.node) if expression else None

    def kept(self, local: str | None) -> str | None:
        """Return the variable of a local; None where there is none, or nothing ever reads it."""
        return self.names.local(local) if local in self.read else None

    def _with_result(self, flow: Flow) -> list[ast.stmt]:
        made = structured(flow, self, whole=True)
        if flow.result is not None and runs_out(made):
            made.append(ast.Return(self._result(flow)))
        return made

    def _result(self, flow: Flow) -> ast.expr | None:
        if flow.result is None:
            return None
        if flow is self._main:
            return self.expressions.plain(flow.result, None)
        return self.expressions.value(flow.result, None)

    def _passing(self, step: Step) -> list[ast.stmt]:
        if step.node is None or step.node in self.told_by_history or step.node in self._passed:
            return []
        self._passed.add(step.node)
        return [statement(call("self.passed", constant(step.node)))]
