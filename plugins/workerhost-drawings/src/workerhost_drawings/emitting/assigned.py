"""Which locals may be read before anything was put into them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from workerhost_drawings.flow.steps import Branch, End, Flow, Raise, Step


@dataclass(frozen=True)
class Effect:
    """What a step or a flow does with locals, in the order: it reads, then it assigns."""

    reads: frozenset[str] = frozenset()
    """Locals that it may read without having assigned them itself."""
    assigns: frozenset[str] = frozenset()
    """Locals that it has assigned whenever it has ended."""

    def then(self, after: "Effect") -> "Effect":
        """Return the effect of both, one after the other."""
        return Effect(self.reads | (after.reads - self.assigns), self.assigns | after.assigns)


def flow_effect(flow: Flow, effect: Callable[[Step], Effect], result: Effect) -> Effect:
    """Return the effect of a flow, from those of its steps.

    Args:
        flow: whose steps are looked at.
        effect: returns that of a step, with the flows in it.
        result: that of the flow's own result.
    """
    steps = {each.id: each for each in flow.steps}
    if flow.start not in steps:
        return result
    effects = {each: effect(step) for each, step in steps.items()}
    before = _assigned_before(flow.start, steps, effects)
    reads: frozenset[str] = frozenset()
    for each, assigned in before.items():
        reads |= effects[each].reads - assigned
    ends = [
        before[each] | effects[each].assigns
        for each, step in steps.items()
        if each in before and any(after not in steps for after in successors(step))
    ]
    at_end = frozenset.intersection(*ends) if ends else frozenset[str]()
    return Effect(reads, at_end).then(result)


def successors(step: Step) -> Iterable[str | None]:
    """Return what may follow a step within its flow; None stands for the end of the flow."""
    if isinstance(step, End | Raise):
        return ()
    if isinstance(step, Branch):
        return (*(each.next for each in step.cases), step.next)
    return (step.next,)


def _assigned_before(start: str, steps: Mapping[str, Step], effects: Mapping[str, Effect]) -> dict[str, frozenset[str]]:
    """Return what is assigned for certain when each step begins, for those that are reached."""
    before: dict[str, frozenset[str]] = {start: frozenset()}
    order = _order(start, steps)
    is_stable = False
    while not is_stable:
        is_stable = True
        for each in order:
            after = before[each] | effects[each].assigns
            for follower in _following(steps, each):
                known = before.get(follower)
                now = after if known is None else known & after
                if now != known:
                    before[follower] = now
                    is_stable = False
    return before


def _order(start: str, steps: Mapping[str, Step]) -> list[str]:
    """Return the steps that are reached, each after those that lead to it where there is no way back."""
    seen = {start}
    left: list[str] = []
    path = [(start, iter(_following(steps, start)))]
    while path:
        each, following = path[-1]
        after = next((step for step in following if step not in seen), None)
        if after is None:
            left.append(each)
            path.pop()
        else:
            seen.add(after)
            path.append((after, iter(_following(steps, after))))
    return left[::-1]


def _following(steps: Mapping[str, Step], each: str) -> list[str]:
    return [after for after in successors(steps[each]) if after is not None and after in steps]
