"""Writes the statements of a flow whose steps have their places."""

import ast
from collections.abc import Sequence
from typing import Protocol

from workerhost_drawings.emitting.graph.choices import MOST_PASSED, Choices
from workerhost_drawings.emitting.graph.context import Context, Frame, Written
from workerhost_drawings.emitting.graph.errors import NestingError
from workerhost_drawings.emitting.graph.jumps import Jumps
from workerhost_drawings.emitting.graph.order import ENDED, Arm, Node
from workerhost_drawings.emitting.graph.places import Places
from workerhost_drawings.emitting.graph.syntax import branched, drop_last_mark, either, mark, marked, negated
from workerhost_drawings.flow.steps import Branch, Case, Step

MOST_LEVELS = 60
"""Conditions and loops in each other in one flow; Python allows 100, and what stands around a flow needs some."""

DEEP = 20
"""Levels from which on an arm is moved to the end of the code around."""

MOST_ARMS = 200
"""Arms of one branch; `elif` nests in Python's syntax tree, and what walks that has a limit."""


class Writable(Protocol):
    """What is needed of a renderer."""

    def statements(self, step: Step) -> Sequence[ast.stmt]:
        """Return what a step does."""
        ...

    def condition(self, step: Branch, case: Case) -> ast.expr:
        """Return the test of one case."""
        ...


class Writer:
    """Writes one flow."""

    def __init__(self, places: Places, renderer: Writable, jumps: Jumps) -> None:
        self._places = places
        self._graph = places.graph
        self._renderer = renderer
        self._jumps = jumps
        self._choices = Choices(places, jumps)
        self._declared = False

    def written(self, *, whole: bool) -> Written:
        """Return the code of the flow.

        Args:
            whole: whether a step may stay marked at its end, since nothing runs behind it.
        """
        written = self._region(0, Context(ENDED))
        if written.marks:
            written.statements.append(mark(None))
        if whole and self._jumps.used:
            drop_last_mark(written.statements)
        return written

    def _region(self, node: Node, context: Context, opened: Sequence[ast.stmt] | None = None) -> Written:
        """Return the code from a node on, up to what follows.

        Args:
            node: the first node.
            context: where the code stands.
            opened: the statements of that node, where it is the header of a loop that has been opened.
        """
        owns_base = context.needs_base
        context = context.based() if owns_base else context
        written = Written()
        at: Node | None = node
        while at is not None:
            self._check(at, context)
            begin = len(written.statements)
            if at in self._places.loops.by_header and opened is None:
                rest = self._places.behind.get(at, [])
                runs_to = self._loop(at, context, written)
                on = None
            else:
                rest = self._places.inside.get(at, [])
                runs_to = rest[0] if rest else context.follow
                written.statements += self._renderer.statements(self._graph.steps[at]) if opened is None else opened
                on = self._step(at, context.before(runs_to), written, whole=bool(rest))
            on = self._rest(rest, runs_to, context, written) if rest else on
            self._declare(written, begin, context)
            at, opened = on, None
        if owns_base and context.base is not None:
            self._moved(context.base.moved, context, written)
        return written

    def _moved(self, moved: list[Node], context: Context, written: Written) -> None:
        """Add what would have been too deep; that may move more to the end of the list."""
        for node in moved:
            part = Written([mark(None)])
            part.add(self._region(node, context.deeper()))
            written.statements.append(ast.If(marked([self._jumps.word(node)]), part.statements, []))
            written.falls = written.falls or part.falls
            written.marks = (written.marks - {node}) | part.marks
        if moved:
            self._jumps.settle(written, context, last=True)

    def _check(self, node: Node, context: Context) -> None:
        if context.depth > MOST_LEVELS:
            raise NestingError(self._graph.steps[node].id, f"stands in more than {MOST_LEVELS} conditions and loops")
        if len(self._graph.arms[node]) > MOST_ARMS:
            raise NestingError(self._graph.steps[node].id, f"leads to more than {MOST_ARMS} steps")

    def _declare(self, written: Written, begin: int, context: Context) -> None:
        """Set the variable before the first code that needs it."""
        if self._jumps.used and not self._declared and context.depth == 0:
            written.statements.insert(begin, mark(None))
            self._declared = True

    # One step and its arms.

    def _step(self, node: Node, context: Context, written: Written, *, whole: bool) -> Node | None:
        """Add the arms of a step; return the node that runs next, where its code can stand right behind.

        Args:
            node: the step.
            context: where it stands.
            written: the code so far, with the step's own.
            whole: whether all arms are to be written, since something follows them.
        """
        arms = self._graph.arms[node]
        if not arms:
            written.falls = False
            return None
        cases, other = arms[:-1], arms[-1].target
        if not whole:
            if self._choices.guards(node, [arm.target for arm in cases], other, context):
                written.statements += self._branched(node, cases, self._parts(node, cases, context.guarded()), [])
                return other
            if len(cases) == 1 and self._choices.guards(node, [other], cases[0].target, context):
                test = negated(self._test(node, cases[0]))
                guard = self._arm(node, other, context.guarded().deeper())
                written.statements.append(ast.If(test, guard.statements, []))
                return cases[0].target
        parts = self._parts(node, cases, context)
        leave = all(part.leaves for part in parts)
        if leave and not whole and self._choices.inline(node, other):
            written.statements += self._branched(node, cases, parts, [])
            return other
        last = self._arm(node, other, context.deeper() if cases else context)
        written.statements += self._branched(node, cases, parts, [] if leave else last.statements)
        written.statements += last.statements if leave else []
        written.falls = any(part.falls for part in [*parts, last])
        written.marks = set().union(*(part.marks for part in [*parts, last]))
        return None

    def _arm(self, node: Node, target: Node, context: Context) -> Written:
        if not self._choices.inline(node, target):
            return self._jumps.jump(target, context)
        if context.base is not None and not context.needs_base and context.depth - context.base.depth >= DEEP:
            context.base.moved.append(target)
            return self._jumps.marked(target)
        return self._region(target, context)

    def _parts(self, node: Node, arms: Sequence[Arm], context: Context) -> list[Written]:
        return [self._arm(node, arm.target, context.deeper()) for arm in arms]

    def _branched(
        self, node: Node, arms: Sequence[Arm], parts: Sequence[Written], otherwise: list[ast.stmt]
    ) -> list[ast.stmt]:
        tests = [self._test(node, arm) for arm in arms]
        return branched([(test, part.statements) for test, part in zip(tests, parts, strict=True)], otherwise)

    def _test(self, node: Node, arm: Arm) -> ast.expr:
        step = self._graph.steps[node]
        if not isinstance(step, Branch):
            raise TypeError(f"the step {step.id} is no branch")
        return either([self._renderer.condition(step, case) for case in arm.cases])

    # Loops.

    def _loop(self, header: Node, context: Context, written: Written) -> Node:
        """Add a loop, and what leads on behind it if nothing of its own stands there; return where it leads then."""
        frame = Frame(self._places.loops.by_header[header], self._choices.exit(header, context))
        inside = Context(header, frame, context.depth + 1)
        opened = self._renderer.statements(self._graph.steps[header])
        arm = None if opened else self._choices.tested(header, frame.exit)
        if arm is None:
            test: ast.expr = ast.Constant(value=True)
            body = self._region(header, inside, opened)
        else:
            tested = self._test(header, self._graph.arms[header][0])
            test = negated(tested) if arm.cases == () else tested
            body = self._arm(header, arm.target, inside)
            frame.breaks = True
        self._jumps.settle(body, inside, last=True)
        written.statements.append(ast.While(test, body.statements or [ast.Pass()], []))
        written.falls, written.marks = frame.breaks, frame.marks
        if not self._places.behind.get(header):
            self._on(frame.exit, context, written)
        return frame.exit

    def _on(self, target: Node, context: Context, written: Written) -> None:
        """Add what leads from a loop to where it is left to."""
        if written.falls and target != context.follow:
            self._jumps.settle(written, context, last=False)
            part = self._jumps.jump(target, context)
            if written.marks:
                part.statements = [ast.If(marked([None]), part.statements, [])]
            written.statements += part.statements
            written.falls = part.falls
            written.marks = written.marks | part.marks
        self._jumps.settle(written, context, last=True)

    # What stands behind a step or a loop.

    def _rest(self, rest: list[Node], runs_to: Node, context: Context, written: Written) -> Node | None:
        """Add what stands behind a step or a loop; return the last of it where nothing is passed over.

        Args:
            rest: the steps that stand there.
            runs_to: where the code leads with no step marked: one of them, or what follows all of them.
            context: where they stand.
            written: the code so far.
        """
        at = 0
        while at < len(rest):
            self._jumps.settle(written, context, last=False)
            group = self._choices.group(rest[at : at + MOST_PASSED], written.marks)
            at += len(group)
            first = runs_to
            if first in group:
                runs_to = rest[at] if at < len(rest) else context.follow
            here = context.before(runs_to, others=at < len(rest))
            if len(group) > 1 or written.marks - set(group) or (written.falls and first not in group):
                self._passed_over(group, first, here, written)
                continue
            if written.marks:
                written.statements.append(mark(None))
            written.falls, written.marks = True, set()
            if at == len(rest):
                return group[0]
            written.add(self._region(group[0], here))
        self._jumps.settle(written, context, last=True)
        return None

    def _passed_over(self, group: list[Node], runs_to: Node, context: Context, written: Written) -> None:
        """Add steps of which one runs, or none.

        Args:
            group: the steps.
            runs_to: the step that runs with none marked; it may stand further on.
            context: where they stand.
            written: the code so far.
        """
        arms: list[tuple[ast.expr, list[ast.stmt]]] = []
        parts = []
        for node in group:
            part = Written([mark(None)] if node in written.marks else [])
            part.add(self._region(node, context.deeper()))
            parts.append(part)
            states = [None] if node == runs_to and written.falls else []
            words = [*states, *([self._jumps.word(node)] if node in written.marks else [])]
            arms.append((marked(words), part.statements))
        passed = written.marks - set(group)
        runs_on = written.falls and runs_to not in group
        otherwise = [] if passed or runs_on else arms.pop()[1]
        written.statements += branched(arms, otherwise)
        written.falls = runs_on or any(part.falls for part in parts)
        written.marks = passed.union(*(part.marks for part in parts))
