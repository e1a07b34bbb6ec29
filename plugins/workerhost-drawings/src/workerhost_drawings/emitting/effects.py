"""What each kind of step does with locals."""

from collections.abc import Iterable, Mapping
from functools import singledispatchmethod

from workerhost_drawings.emitting.assigned import Effect, flow_effect
from workerhost_drawings.emitting.expressions import Expressions
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.program import QueryForm
from workerhost_drawings.flow.steps import (
    Activity,
    Assign,
    Branch,
    ChangeVariable,
    Child,
    Deadline,
    Duration,
    End,
    Flow,
    ForEach,
    Listen,
    Mark,
    Parallel,
    Raise,
    ReadVariable,
    Receive,
    Step,
    Try,
    Wait,
    While,
)

NOTHING: frozenset[str] = frozenset()


class Effects:
    """What the steps of one program do with locals.

    Args:
        expressions: of the program.
        known: effects of steps that are known already, by their ids.
    """

    def __init__(self, expressions: Expressions, known: Mapping[str, Effect] | None = None) -> None:
        self._expressions = expressions
        self._known = dict(known or {})
        self.read: set[str] = set()
        """Locals that the steps looked at so far read, wherever those were assigned."""

    def with_steps(self, known: Mapping[str, Effect]) -> "Effects":
        """Return the effects of the same program with further steps, by their ids; what was found is kept."""
        return Effects(self._expressions, {**self._known, **known})

    def of_flow(self, flow: Flow | None) -> Effect:
        """Return what a flow reads before it assigns it, and what it has assigned when it ends."""
        if flow is None:
            return Effect()
        result = self._expressions.reads(flow.result, None)
        self.read |= result
        return flow_effect(flow, self._of_step, Effect(result))

    def of_queries(self, queries: Iterable[QueryForm]) -> frozenset[str]:
        """Return what the answers to queries read, which may be at any time."""
        reads = NOTHING.union(*(self._expressions.reads(each.value, each.node) for each in queries))
        self.read |= reads
        return reads

    def _of_step(self, step: Step) -> Effect:
        if step.id not in self._known:
            self._known[step.id] = self._of(step)
        return self._known[step.id]

    def _reads(self, step: Step, *expressions: Duration | None) -> frozenset[str]:
        """Return what expressions of a step read; a number of milliseconds reads nothing."""
        found = [each for each in expressions if not isinstance(each, int)]
        reads = NOTHING.union(*(self._expressions.reads(each, step.node) for each in found))
        self.read |= reads
        return reads

    def _tests(self, step: Step, *expressions: Expression | None) -> frozenset[str]:
        """Return what tests of a step read."""
        reads = NOTHING.union(*(self._expressions.reads(each, step.node, tests=True) for each in expressions))
        self.read |= reads
        return reads

    @singledispatchmethod
    def _of(self, step: Step) -> Effect:
        raise AssertionError(f"nothing is known of a step of kind {step.kind}")

    @_of.register
    def _mark(self, step: Mark) -> Effect:
        return Effect()

    @_of.register
    def _activity(self, step: Activity) -> Effect:
        return Effect(self._reads(step, step.input), _put(step.result))

    @_of.register
    def _assign(self, step: Assign) -> Effect:
        reads = self._reads(step, step.value)
        if step.member is None:
            return Effect(reads, _put(step.into))
        self.read.add(step.into)
        return Effect(reads | {step.into})

    @_of.register
    def _branch(self, step: Branch) -> Effect:
        return Effect(self._tests(step, *(each.when for each in step.cases)))

    @_of.register
    def _wait(self, step: Wait) -> Effect:
        return Effect(self._reads(step, step.duration))

    @_of.register
    def _receive(self, step: Receive) -> Effect:
        return Effect(self._reads(step, step.timeout), _put(step.result))

    @_of.register
    def _each(self, step: ForEach) -> Effect:
        own = _put(step.item) | _put(step.index)
        inside = self._tests(step, step.condition) | self.of_flow(step.body).reads
        return Effect(self._reads(step, step.items) | (inside - own))

    @_of.register
    def _while(self, step: While) -> Effect:
        return Effect(self._tests(step, step.condition) | self.of_flow(step.body).reads)

    @_of.register
    def _parallel(self, step: Parallel) -> Effect:
        lanes = [self.of_flow(each.flow) for each in step.branches]
        done = [each.assigns for each in lanes]
        assigned = frozenset.intersection(*done) if step.compete else NOTHING.union(*done)
        return Effect(NOTHING.union(*(each.reads for each in lanes)), assigned | _put(step.result))

    @_of.register
    def _child(self, step: Child) -> Effect:
        return Effect(self._reads(step, step.input, step.workflow_id), _put(step.result))

    @_of.register
    def _read_variable(self, step: ReadVariable) -> Effect:
        return Effect(self._reads(step, step.name, step.default), _put(step.result))

    @_of.register
    def _change_variable(self, step: ChangeVariable) -> Effect:
        reads = self._reads(step, step.name) | (self._reads(step, step.value) - _put(step.present))
        if step.present and step.member:
            self.read.add(step.present)
            reads |= {step.present}
        return Effect(reads, _put(step.result))

    @_of.register
    def _raise(self, step: Raise) -> Effect:
        return Effect(self._reads(step, step.error))

    @_of.register
    def _try(self, step: Try) -> Effect:
        body, handler = self.of_flow(step.body), self.of_flow(step.handler)
        again = (step.again.duration, step.again.delay, step.again.attempt_timeout) if step.again else ()
        inside = self._tests(step, step.when, step.retry_when) | self._reads(step, *again) | handler.reads
        return Effect(body.reads | (inside - {step.caught}), body.assigns & handler.assigns)

    @_of.register
    def _deadline(self, step: Deadline) -> Effect:
        body = self.of_flow(step.body)
        return Effect(self._reads(step, step.after, step.error) | body.reads, body.assigns)

    @_of.register
    def _listen(self, step: Listen) -> Effect:
        inside = self._tests(step, *step.filters, step.until) | self.of_flow(step.each).reads
        return Effect(self._reads(step, step.timeout) | (inside - {step.event}), _put(step.result))

    @_of.register
    def _end(self, step: End) -> Effect:
        return Effect(self._reads(step, step.result))


def _put(local: str | None) -> frozenset[str]:
    return NOTHING if local is None else frozenset({local})
