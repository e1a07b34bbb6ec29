"""Random graphs of steps, and what holds for them by the definitions."""

import random
from collections.abc import Callable

from workerhost_drawings.flow.expressions import Local, Value
from workerhost_drawings.flow.steps import Branch, Case, End, Flow, ForEach, Mark, Step


def random_flow(chance: random.Random, size: int, back: float) -> Flow:
    """Return a graph of steps with random edges; with that share of edges that may lead back anywhere."""
    names = [f"s{at}" for at in range(size)]

    def target(at: int) -> str | None:
        if chance.random() < back:
            return chance.choice(names)
        to = at + 1 if chance.random() < 0.4 else chance.randint(at + 1, min(size, at + 6))
        return names[to] if to < size else None

    return Flow(start=names[0], steps=[_random_step(chance, at, name, target) for at, name in enumerate(names)])


def random_loops(chance: random.Random, size: int, back: float) -> Flow:
    """Return a graph of steps with random edges; with that share of edges that lead back to what dominates them."""
    flow = random_flow(chance, size, 0)
    above = dominators(flow)

    def changed(step: str, target: str | None) -> str | None:
        if step in above and chance.random() < back:
            return chance.choice(sorted(above[step], key=lambda name: int(name[1:]))[-4:])
        return target

    steps: list[Step] = []
    for step in flow.steps:
        made: Step = step.model_copy(update={"next": changed(step.id, step.next)})
        if isinstance(made, Branch):
            cases = [case.model_copy(update={"next": changed(step.id, case.next)}) for case in made.cases]
            made = made.model_copy(update={"cases": cases})
        steps.append(made)
    return Flow(start=flow.start, steps=steps)


def with_bodies(chance: random.Random, flow: Flow, size: int, back: float) -> Flow:
    """Return a flow of which some steps run flows within them."""
    steps: list[Step] = []
    for step in flow.steps:
        if not isinstance(step, Mark) or chance.random() < 0.5:
            steps.append(step)
            continue
        body = random_loops(chance, size, back)
        inner: list[Step] = [_renamed(each, step.id) for each in body.steps]
        begin = _within(step.id, body.start)
        steps.append(
            ForEach(id=step.id, next=step.next, items=Value(), item="item", body=Flow(start=begin, steps=inner))
        )
    return Flow(start=flow.start, steps=steps)


def _renamed(step: Step, around: str) -> Step:
    changes: dict[str, object] = {"id": _within(around, step.id), "next": _within(around, step.next)}
    if isinstance(step, Branch):
        changes["cases"] = [
            Case(when=Local(name=f"{_within(around, step.id)}_{at}"), next=_within(around, case.next))
            for at, case in enumerate(step.cases)
        ]
    return step.model_copy(update=changes)


def _within(around: str, step: str | None) -> str | None:
    return None if step is None else f"{around}.{step}"


def _random_step(chance: random.Random, at: int, name: str, target: Callable[[int], str | None]) -> Step:
    kind = chance.random()
    if kind < 0.03:
        return End(id=name, node=name)
    if kind < 0.45:
        return Mark(id=name, node=name, next=target(at))
    count = chance.choice((1, 1, 2, 3))
    cases = [Case(when=Local(name=f"{name}_{number}"), next=target(at)) for number in range(count)]
    return Branch(id=name, node=name, cases=cases, next=target(at))


def edges(flow: Flow) -> dict[str, list[str]]:
    """Return where each step that can be reached leads to."""
    steps = {step.id: step for step in flow.steps}
    found: dict[str, list[str]] = {}
    waiting = [flow.start]
    while waiting:
        at = waiting.pop()
        if at is None or at in found:
            continue
        step = steps[at]
        ways = [case.next for case in step.cases] if isinstance(step, Branch) else []
        ways += [] if isinstance(step, End) else [step.next]
        found[at] = [way for way in ways if way is not None]
        waiting.extend(found[at])
    return found


def dominators(flow: Flow) -> dict[str, set[str]]:
    """Return the steps that each way to a step goes through, by the definition, in a slow way."""
    leads = edges(flow)
    above = {step: set(leads) for step in leads}
    assert flow.start is not None
    above[flow.start] = {flow.start}
    changed = True
    while changed:
        changed = False
        for step in leads:
            before = [above[other] for other in leads if step in leads[other]]
            new = {step} | set.intersection(*before) if before and step != flow.start else {step}
            changed = changed or new != above[step]
            above[step] = new
    return above


def is_reducible(flow: Flow) -> bool:
    """Return whether every cycle has a step that each way into it goes through, by the definition, in a slow way."""
    above = dominators(flow)
    forward = {step: {to for to in ways if to not in above[step]} for step, ways in edges(flow).items()}
    while forward:
        last = [step for step, ways in forward.items() if not ways & set(forward)]
        if not last:
            return False
        for step in last:
            del forward[step]
    return True
