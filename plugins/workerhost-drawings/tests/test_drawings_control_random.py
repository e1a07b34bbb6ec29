import random
from functools import partial

import pytest
from drawings_control import Calls, Run, compiled, mean, stopped
from drawings_random_graphs import edges, is_reducible, random_flow, random_loops, with_bodies

from workerhost_drawings.emitting.control import IrreducibleError, structured
from workerhost_drawings.flow.steps import Branch, Flow, ForEach

RUNS = 6
SHARE_OF_YES = (0.5, 0.2, 0.8)


def _each_step_once(flow: Flow, code: str) -> None:
    bodies = {step.id: step.body for step in flow.steps if isinstance(step, ForEach)}
    branches = {step.id for step in flow.steps if isinstance(step, Branch)}
    for step in edges(flow):
        said = f"decide('{step}_0')" if step in branches else f"step('{step}')"
        assert code.count(said) == 1, (step, code)
        if step in bodies:
            _each_step_once(bodies[step], code)


def _does_what_the_graph_says(flow: Flow, seed: str, *, bare: bool, ends: bool) -> None:
    code, run = compiled(flow, Calls(bare=bare, ends=ends))
    _each_step_once(flow, code)
    for number in range(RUNS):
        chances = random.Random(f"{seed}/{number}")
        decisions = [chances.random() < SHARE_OF_YES[number % 3] for _ in range(60)]
        meant, done = Run(iter(decisions)), Run(iter(decisions))
        assert stopped(partial(mean, flow, meant, bare=bare, ends=ends)) == stopped(partial(run, done)), code
        assert meant.passed == done.passed, code


@pytest.mark.parametrize("size", [3, 5, 8, 12, 20, 35])
@pytest.mark.parametrize("back", [0, 0.1, 0.3])
def test_the_code_of_a_random_graph_does_what_the_graph_says(size: int, back: float) -> None:
    for number in range(100):
        seed = f"{number}/{size}/{back}"
        flow = random_loops(random.Random(seed), size, back)
        _does_what_the_graph_says(flow, seed, bare=number % 2 == 0, ends=number % 4 < 2)


@pytest.mark.parametrize("deep", [1, 2])
def test_code_that_would_be_too_deep_does_what_the_graph_says(monkeypatch: pytest.MonkeyPatch, deep: int) -> None:
    monkeypatch.setattr("workerhost_drawings.emitting.graph.writing.DEEP", deep)
    for number in range(150):
        flow = random_loops(random.Random(number), 20 + number % 60, 0.1)
        _does_what_the_graph_says(flow, str(number), bare=True, ends=number % 2 == 0)


@pytest.mark.parametrize("size", [4, 8, 14])
@pytest.mark.parametrize("back", [0, 0.2])
def test_flows_in_blocks_of_other_flows_do_what_the_graphs_say(size: int, back: float) -> None:
    for number in range(40):
        seed = f"{number}/{size}/{back}"
        chance = random.Random(seed)
        flow = with_bodies(chance, random_loops(chance, size, back), size, back)
        _does_what_the_graph_says(flow, seed, bare=True, ends=True)


@pytest.mark.parametrize("size", [7, 12, 20])
@pytest.mark.parametrize("back", [0.05, 0.15, 0.3])
def test_a_random_graph_is_refused_exactly_where_a_cycle_has_two_entries(size: int, back: float) -> None:
    refused = 0
    for number in range(150):
        seed = f"{number}/{size}/{back}"
        flow = random_flow(random.Random(seed), size, back)
        if is_reducible(flow):
            _does_what_the_graph_says(flow, seed, bare=True, ends=True)
            continue
        refused += 1
        with pytest.raises(IrreducibleError) as caught:
            structured(flow, Calls())
        leads = edges(flow)
        cycle = caught.value.steps
        assert all(to in leads[step] for step, to in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        entries = [
            to
            for to in cycle
            if to == flow.start or any(to in ways for step, ways in leads.items() if step not in cycle)
        ]
        assert len(entries) > 1
    assert refused > 5


def test_the_same_graph_gives_the_same_code() -> None:
    flow = random_loops(random.Random(1), 35, 0.3)
    other = flow.model_copy(update={"steps": flow.steps[::-1]})
    assert compiled(flow, Calls())[0] == compiled(other, Calls())[0]
