"""Random canvases of conditions and loops: their programs pass the nodes that the drawing says, in its order."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from drawings_canvas import edge, node, reading

from workerhost_drawings.flow.steps import Flow

MOST_STEPS = 200
"""Nodes that a run passes before it is left alone."""


class Chances:
    """Says of each node how it decides, each time anew, and the same for the drawing and its program."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._asked: dict[str, int] = {}

    def decide(self, name: str) -> bool:
        self._asked[name] = count = self._asked.get(name, 0) + 1
        return random.Random(f"{self._seed} {name} {count}").random() < 0.6


class _LongEnoughError(Exception):
    pass


class Trail(list[str]):
    """The nodes that were passed."""

    def add(self, name: str) -> None:
        self.append(name)
        if len(self) == MOST_STEPS:
            raise _LongEnoughError


def drawn(seed: int) -> dict[str, Any]:
    """Return a random graph in which every way that ends does so at an `end`."""
    chance = random.Random(seed)
    count = chance.randint(2, 12)
    kinds = {"start": "trigger"}
    kinds |= {f"n{i}": chance.choice(["phase", "condition", "condition", "loop"]) for i in range(count)}
    kinds |= {"e0": "end", "e1": "end"}
    ids = list(kinds)
    links: dict[str, list[tuple[str, str]]] = {}
    for at, name in enumerate(ids[:-2]):
        words = {"condition": ("true", "false"), "loop": ("continue", "done")}.get(kinds[name], ("",))
        near = ids[at + 1 : at + 4]
        links[name] = [(chance.choice(near if chance.random() < 0.75 else ids[1:]), word) for word in words]
    reached = ["start"]
    for name in reached:
        reached += [target for target in dict.fromkeys(to for to, _ in links.get(name, ())) if target not in reached]
    nodes = [node(each, kinds[each], condition="input", resultMapping="1") for each in reached]
    ways = [f"{name} > {to} : {word}" for name in reached for to, word in links.get(name, ())]
    return {"nodes": nodes, "edges": [edge(each) for each in ways]}


def walked(source: Mapping[str, Any], chances: Chances) -> Trail:
    """Return what a run passes, as the drawing has it."""
    kinds = {each["id"]: each["type"] for each in source["nodes"]}
    targets: dict[tuple[str, str], str] = {}
    for each in source["edges"]:
        targets[each["source"], each["label"] if each.get("label") else ""] = each["target"]
    trail, at = Trail(), "start"
    try:
        while True:
            trail.add(at)
            if kinds[at] == "end":
                return trail
            words = {"condition": ("true", "false"), "loop": ("continue", "done")}.get(kinds[at], ("", ""))
            at = targets[at, words[0] if words[0] and chances.decide(at) else words[1]]
    except _LongEnoughError:
        return trail


class _EndedError(Exception):
    pass


def run(flow: Flow, chances: Chances) -> Trail:
    """Return what a run passes, as its program has it."""
    trail = Trail()
    try:
        for each in _passed(flow, chances):
            trail.add(each)
    except (_EndedError, _LongEnoughError):
        pass
    return trail


def _passed(flow: Flow, chances: Chances) -> Iterator[str]:
    steps = {each.id: each for each in flow.steps}
    at = flow.start
    while at is not None:
        step = steps[at]
        yield step.id
        at = step.next
        if step.kind == "end":
            raise _EndedError
        if step.kind == "branch" and chances.decide(step.id):
            at = step.cases[0].next
        elif step.kind == "while":
            while chances.decide(step.id):
                yield from _passed(step.body, chances)
                yield step.id


@pytest.mark.parametrize("block", range(4))
def test_programs_pass_the_nodes_that_the_drawing_says(block: int) -> None:
    made = 0
    for seed in range(block * 500, block * 500 + 500):
        source = drawn(seed)
        read = reading(source)
        if read.read is None:
            assert read.findings.problems
            continue
        made += 1
        for chance in range(3):
            assert run(read.program.flow, Chances(chance)) == walked(source, Chances(chance)), seed
    assert made > 50
