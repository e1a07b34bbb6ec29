"""Graphs of steps for tests, their meaning, and what their code does when it runs."""

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from workerhost_drawings.emitting.control import runs_out, structured
from workerhost_drawings.flow.expressions import Local
from workerhost_drawings.flow.steps import Branch, Case, End, Flow, Mark, Step


class Stopped(Exception):  # noqa: N818
    """The run has done as much as a test looks at."""


@dataclass
class Run:
    """A run of a graph: what it passed, and how its branches are decided."""

    decisions: Iterator[bool]
    passed: list[str] = field(default_factory=list)
    most: int = 200

    def step(self, step: str) -> None:
        if len(self.passed) >= self.most:
            raise Stopped
        self.passed.append(step)

    def decide(self, case: str) -> bool:
        self.step(case)
        try:
            return next(self.decisions)
        except StopIteration:
            raise Stopped from None


def graph(text: str) -> Flow:
    """Return a flow, of which each line is a step.

    `a > b` is a step and what follows it, `a ? b : c` a branch with one case, `a ? b ? c : d` one with two, and `a !`
    an end of the run. A dash stands for the end of the flow.
    """
    steps: list[Step] = []
    for line in text.strip().splitlines():
        name, sign, rest = (line.strip() + "  ").split(" ", 2)
        if sign == "!":
            steps.append(End(id=name, node=name))
        elif sign == ">":
            steps.append(Mark(id=name, node=name, next=_target(rest)))
        else:
            cases, other = rest.split(":")
            targets = [_target(target) for target in cases.split("?")]
            branch = [
                Case(when=Local(name=f"{name}_{at}" if at else name), next=target) for at, target in enumerate(targets)
            ]
            steps.append(Branch(id=name, node=name, cases=branch, next=_target(other)))
    return Flow(start=steps[0].id if steps else None, steps=steps)


def _target(text: str) -> str | None:
    return None if text.strip() == "-" else text.strip()


class Names:
    """Renders a step as its name, an end as a `return`, and the test of a branch as the name of its local."""

    def __init__(self, *, bare: bool = True, ends: bool = True) -> None:
        self.bare = bare
        """Whether a branch has no statements."""
        self.ends = ends

    def statements(self, step: Step) -> Sequence[ast.stmt]:
        if isinstance(step, Branch) and self.bare:
            return []
        return ast.parse(f"return {step.id}" if isinstance(step, End) else step.id).body

    def condition(self, step: Branch, case: Case) -> ast.expr:
        assert isinstance(case.when, Local)
        return ast.Name(case.when.name, ast.Load())

    def finish(self, flow: Flow) -> Sequence[ast.stmt]:
        return [ast.Return()]


class Calls(Names):
    """Renders a step as a call that notes it."""

    def statements(self, step: Step) -> Sequence[ast.stmt]:
        if isinstance(step, Branch) and self.bare:
            return []
        end = "; return True" if isinstance(step, End) else ""
        return ast.parse(f"step({step.id!r}){end}").body

    def condition(self, step: Branch, case: Case) -> ast.expr:
        assert isinstance(case.when, Local)
        return ast.parse(f"decide({case.when.name!r})", mode="eval").body

    def finish(self, flow: Flow) -> Sequence[ast.stmt]:
        return ast.parse("step('out'); return").body


def text(flow: Flow, renderer: Names | None = None, *, ends: bool = True) -> str:
    """Return the code of a flow."""
    return ast.unparse(ast.Module(structured(flow, renderer or Names(), ends=ends, whole=True), []))


def compiled(flow: Flow, renderer: Calls) -> tuple[str, Callable[[Run], None]]:
    """Return the code of a flow, and a function that runs it; where nothing can end it, it is run twice in a `for`."""
    body = structured(flow, renderer, ends=renderer.ends, whole=renderer.ends)
    if renderer.ends and runs_out(body):
        body = [*body, *ast.parse("step('out'); return").body]
    if not renderer.ends:
        body = [ast.For(ast.Name("_", ast.Store()), ast.parse("range(2)", mode="eval").body, body or [ast.Pass()], [])]
    code = "def run(step, decide):\n" + "\n".join(
        "    " + line for line in ast.unparse(ast.fix_missing_locations(ast.Module(body, []))).splitlines() or ["pass"]
    )
    space: dict[str, Callable[..., None]] = {}
    exec(compile(code, "flow", "exec"), space)
    return code, lambda run: space["run"](run.step, run.decide)


def interpret(flow: Flow, run: Run, *, bare: bool) -> bool:
    """Do what the graph says; return whether the whole run has ended."""
    steps = {step.id: step for step in flow.steps}
    at = flow.start
    while at is not None:
        step = steps[at]
        at = step.next
        if isinstance(step, Branch):
            if not bare:
                run.step(step.id)
            for case in step.cases:
                assert isinstance(case.when, Local)
                if run.decide(case.when.name):
                    at = case.next
                    break
            continue
        run.step(step.id)
        if isinstance(step, End):
            return True
    return False


def stopped(act: Callable[[], object]) -> bool:
    """Return whether a run was stopped before its end."""
    try:
        act()
    except Stopped:
        return True
    return False


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


def _random_step(chance: random.Random, at: int, name: str, target: Callable[[int], str | None]) -> Step:
    kind = chance.random()
    if kind < 0.07:
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
