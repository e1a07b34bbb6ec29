import random
import re

import pytest
from drawings_control import Calls, Run, compiled, interpret, random_flow, stopped
from workerhost_drawings.emitting.control import IrreducibleError, NestingError
from workerhost_drawings.flow.steps import Flow


def _reached(flow: Flow) -> list[str]:
    steps = {step.id: step for step in flow.steps}
    found: dict[str, None] = {}
    waiting = [flow.start]
    while waiting:
        at = waiting.pop()
        if at is None or at in found:
            continue
        found[at] = None
        step = steps[at]
        if step.kind == "branch":
            waiting.extend(case.next for case in step.cases)
        if step.kind != "end":
            waiting.append(step.next)
    return list(found)


def _traced(flow: Flow, seed: int, *, bare: bool, ends: bool) -> None:
    renderer = Calls(bare=bare, ends=ends)
    code, run = compiled(flow, renderer)
    for step in _reached(flow):
        said = len(re.findall(rf"step\('{step}'\)", code)) + len(re.findall(rf"decide\('{step}_0'\)", code))
        assert said == (2 if not bare and f"decide('{step}_0')" in code else 1), code
    for number in range(12):
        chances = random.Random(f"{seed}/{number}")
        decisions = [chances.random() < (0.5, 0.2, 0.8)[number % 3] for _ in range(60)]
        meant, done = Run(iter(decisions)), Run(iter(decisions))

        def mean(meant: Run = meant) -> None:
            if ends:
                if not interpret(flow, meant, bare=bare):
                    meant.step("out")
            else:
                any(interpret(flow, meant, bare=bare) for _ in range(2))

        assert (stopped(mean), meant.passed) == (stopped(lambda done=done: run(done)), done.passed), code


@pytest.mark.parametrize("size", [3, 5, 8, 12, 20])
@pytest.mark.parametrize("back", [0, 0.08, 0.2])
@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("ends", [True, False])
def test_the_code_of_a_random_graph_does_what_the_graph_says(size: int, back: float, bare: bool, ends: bool) -> None:
    structured = 0
    for seed in range(100):
        flow = random_flow(random.Random(f"{seed}/{size}/{back}"), size, back)
        try:
            _traced(flow, seed, bare=bare, ends=ends)
            structured += 1
        except (IrreducibleError, NestingError):
            continue
    assert structured > 10
