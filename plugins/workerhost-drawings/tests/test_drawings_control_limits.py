import ast
from collections.abc import Iterable
from functools import partial

import pytest
from drawings_control import Calls, Names, Run, compiled, graph, mean, stopped, text

from workerhost_drawings.emitting.control import IrreducibleError, NestingError, runs_out, structured
from workerhost_drawings.flow.steps import Flow


def test_a_flow_of_nothing_has_no_code() -> None:
    assert structured(Flow(), Names()) == []


def test_steps_that_cannot_be_reached_are_left_out() -> None:
    assert text(graph("a > -\nb > a")) == "a"


def test_a_cycle_with_two_entries_is_refused_with_its_steps_in_order() -> None:
    flow = graph("c ? a : e\na > b\nb > d\nd > a\ne > b")
    with pytest.raises(
        IrreducibleError, match="the steps b, d, a form a cycle that is entered at more than one"
    ) as caught:
        structured(flow, Names())
    assert caught.value.steps == ("b", "d", "a")


@pytest.mark.parametrize(
    ("flow", "sentence"),
    [
        (graph("a > b\nb > c"), "the step b leads to the step c, which is not there"),
        (graph("a ? b : -"), "the step a leads to the step b, which is not there"),
        (Flow(start="a"), "the flow begins at the step a, which is not there"),
    ],
)
def test_an_edge_to_a_step_that_is_not_there_is_refused(flow: Flow, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        structured(flow, Names())


def _lines(*lines: str | Iterable[str]) -> Flow:
    return graph("\n".join("\n".join([line] if isinstance(line, str) else line) for line in lines))


def test_thousands_of_steps_in_a_row_are_written() -> None:
    flow = _lines((f"s{at} > s{at + 1}" for at in range(4999)), "s4999 > -")
    assert text(flow).splitlines() == [f"s{at}" for at in range(5000)]


@pytest.mark.parametrize(
    "flow",
    [
        _lines((f"c{at} ? a{at} : c{at + 1}\na{at} > c{at + 1}" for at in range(2000)), "c2000 > -"),
        _lines((f"c{at} ? a{at} : c{at + 1}\na{at} > c{at}" for at in range(2000)), "c2000 > -"),
        _lines((f"c{at} ? c{at + 1} : a{at}\na{at} > -" for at in range(2000)), "c2000 > -"),
        _lines((f"c{at} ? c{at + 1} : r" for at in range(2000)), "c2000 > m", "r > m", "m > -"),
        _lines((f"c{at} ? a{at} : c{at + 1}\na{at} > m" for at in range(2000)), "c2000 > m", "m > -"),
        _lines((f"c{at} ? c{at + 1} : c0" for at in range(2000)), "c2000 > -"),
        _lines((f"c{at} ? c{at + 1} : a{at}\na{at} > m" for at in range(1000)), "c1000 ? c0 : m", "m > -"),
    ],
    ids=["conditions", "loops", "guards", "shared end", "else if", "one loop", "exits"],
)
@pytest.mark.parametrize("bare", [True, False])
def test_thousands_of_branches_in_a_row_compile(flow: Flow, bare: bool) -> None:
    code, run = compiled(flow, Calls(bare=bare))
    assert max(len(line) - len(line.lstrip()) for line in code.splitlines()) < 30 * 4
    for decision in (True, False):
        meant, done = (Run(iter([decision] * 3000), most=9000) for _ in range(2))
        assert stopped(partial(mean, flow, meant, bare=bare)) == stopped(partial(run, done))
        assert meant.passed == done.passed


def test_loops_that_are_too_deep_in_each_other_are_refused() -> None:
    flow = _lines(
        (f"h{at} > h{at + 1}" for at in range(15)),
        "h15 > t15",
        (f"t{at} ? h{at} : t{at - 1}" for at in range(15, 0, -1)),
        "t0 ? h0 : -",
    )
    with pytest.raises(
        NestingError, match="the step h15 stands in more than 15 loops; a part of the flow in a workflow"
    ) as caught:
        structured(flow, Names())
    assert caught.value.step == "h15"


def test_a_branch_with_too_many_ways_on_is_refused() -> None:
    flow = _lines("s ? " + " ? ".join(f"a{at}" for at in range(200)) + " : -", (f"a{at} > -" for at in range(200)))
    with pytest.raises(NestingError, match="the step s leads to more than 200 steps"):
        structured(flow, Names())


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("", True),
        ("a", True),
        ("return", False),
        ("raise a", False),
        ("if a:\n return\nelse:\n raise a", False),
        ("if a:\n return\nelif b:\n c\nelse:\n return", True),
        ("if a:\n return", True),
        ("while True:\n a", False),
        ("while True:\n if a:\n  break", True),
        ("while True:\n while b:\n  break", False),
        ("while True:\n for b in c:\n  a\n else:\n  break", True),
        ("while True:\n def f():\n  a\n  return b", False),
        ("while a:\n return", True),
    ],
)
def test_runs_out_says_whether_what_stands_behind_is_reached(code: str, answer: bool) -> None:
    assert runs_out(ast.parse(code).body) is answer
