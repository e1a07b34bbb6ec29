"""Graphs of steps for tests, their meaning, and what their code does when it runs."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import dedent

from workerhost_drawings.emitting.control import runs_out, structured
from workerhost_drawings.flow.expressions import Local
from workerhost_drawings.flow.steps import Branch, Case, End, Flow, ForEach, Mark, Step


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
        return [ast.Return()] if self.ends else []


class Calls(Names):
    """Renders a step as a call that notes it, and the flow within a `ForEach` as a `for` that goes round twice."""

    def __init__(self, *, bare: bool = True, ends: bool = True) -> None:
        super().__init__(bare=bare, ends=ends)
        self._blocks: list[Flow] = []

    def statements(self, step: Step) -> Sequence[ast.stmt]:
        if isinstance(step, Branch) and self.bare:
            return []
        if isinstance(step, ForEach):
            self._blocks.append(step.body)
            body = structured(step.body, self)
            return [
                *ast.parse(f"step({step.id!r})").body,
                ast.For(ast.Name("_", ast.Store()), ast.parse("range(2)", mode="eval").body, body or [ast.Pass()], []),
            ]
        end = "; return True" if isinstance(step, End) else ""
        return ast.parse(f"step({step.id!r}){end}").body

    def condition(self, step: Branch, case: Case) -> ast.expr:
        assert isinstance(case.when, Local)
        return ast.parse(f"decide({case.when.name!r})", mode="eval").body

    def finish(self, flow: Flow) -> Sequence[ast.stmt]:
        return ast.parse("step('out'); return").body if self.ends and flow not in self._blocks else []


def text(flow: Flow, renderer: Names | None = None) -> str:
    """Return the code of a flow."""
    return _unparsed(structured(flow, renderer or Names(), whole=True))


def _unparsed(statements: list[ast.stmt]) -> str:
    return ast.unparse(ast.fix_missing_locations(ast.Module(statements, [])))


def assert_written(example: str, renderer: Names | None = None) -> None:
    """Compare the code of a graph with what it should be; the graph stands before a line of dashes, the code behind."""
    drawn, code = dedent(example).split("----")
    assert text(graph(drawn), renderer) == code.strip()


def compiled(flow: Flow, renderer: Calls) -> tuple[str, Callable[[Run], None]]:
    """Return the code of a flow, and a function that runs it; where nothing can end it, it is run twice in a `for`."""
    body = structured(flow, renderer, whole=renderer.ends)
    if renderer.ends and runs_out(body):
        body = [*body, *ast.parse("step('out'); return").body]
    if not renderer.ends:
        body = [ast.For(ast.Name("_", ast.Store()), ast.parse("range(2)", mode="eval").body, body or [ast.Pass()], [])]
    code = "def run(step, decide):\n" + "\n".join("    " + line for line in _unparsed(body).splitlines() or ["pass"])
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
        if isinstance(step, ForEach) and any(interpret(step.body, run, bare=bare) for _ in range(2)):
            return True
    return False


def mean(flow: Flow, run: Run, *, bare: bool, ends: bool = True) -> None:
    """Do what `compiled` makes of a graph."""
    for _ in range(1 if ends else 2):
        if interpret(flow, run, bare=bare):
            return
    if ends:
        run.step("out")


def stopped(act: Callable[[], object]) -> bool:
    """Return whether a run was stopped before its end."""
    try:
        act()
    except Stopped:
        return True
    return False
