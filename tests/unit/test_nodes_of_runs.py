"""Nodes of a run, made of its steps and of what it says itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workerhost.drawing import NodeLine
from workerhost.runtime.executions.history.step import Step
from workerhost.runtime.executions.nodes.node import Passing, nodes_of, read_passings
from workerhost.words import StepKind, StepStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def step(number: int, node: str | None, kind: StepKind, status: StepStatus, began: int) -> Step:
    return Step(str(number), kind, "x", status, at(began), summary=f"[node: {node}]" if node else None)


def test_nodes_come_in_the_order_in_which_they_were_passed_first() -> None:
    steps = [
        step(5, "b", StepKind.ACTIVITY, StepStatus.COMPLETED, 1),
        step(6, None, StepKind.SIGNAL, StepStatus.COMPLETED, 2),
        step(7, "c", StepKind.ACTIVITY, StepStatus.RUNNING, 4),
        step(9, "b", StepKind.ACTIVITY, StepStatus.FAILED, 5),
    ]
    passed = {"a": Passing(at(0)), "d": Passing(at(3), 4), "b": Passing(at(5))}
    found = nodes_of(steps, passed, [NodeLine("a", 3, "A", "trigger")])
    assert [(each.node, each.status, each.times, each.steps) for each in found] == [
        ("a", "completed", 1, []),
        ("b", "failed", 2, ["5", "9"]),
        ("d", "completed", 4, []),
        ("c", "running", 1, ["7"]),
    ]
    assert [(each.label, each.type) for each in found[:2]] == [("A", "trigger"), ("", "")]


@pytest.mark.parametrize(("passed", "status"), [({"w": Passing(at(2))}, "completed"), ({}, "canceled")])
def test_a_wait_that_ended_before_its_timer_is_completed(passed: Any, status: str) -> None:
    steps = [step(5, "w", StepKind.TIMER, StepStatus.CANCELED, 1)]
    [found] = nodes_of(steps, passed, [])
    assert found.status == status


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"node": "a"},
        [1, None, {"node": 1, "at": "2026-01-01T12:00:00+00:00"}, {"node": "a", "at": 3}, {"node": "a"}],
        [{"node": "a", "at": "yesterday"}, {"node": "a", "at": "2026-01-01T12:00:00"}],
    ],
)
def test_an_answer_of_another_kind_says_nothing(answer: Any) -> None:
    assert read_passings(answer) == {}


def test_a_number_of_times_that_is_none_counts_as_one() -> None:
    answer = [{"node": "a", "at": NOON.isoformat(), "times": 3}, {"node": "b", "at": NOON.isoformat(), "times": True}]
    assert read_passings(answer) == {"a": Passing(NOON, 3), "b": Passing(NOON, 1)}


@pytest.mark.parametrize("node", ["send-1", "a]b", "]", "/do/0/two\nlines", " a ", "[x]"])
@pytest.mark.parametrize(("before", "label"), [("", None), ("Send the mail ", "Send the mail")])
def test_a_summary_names_a_node_whatever_its_id_is(node: str, before: str, label: str | None) -> None:
    named = replace(step(5, None, StepKind.ACTIVITY, StepStatus.RUNNING, 1), summary=f"{before}[node: {node}]")
    assert (named.label, named.node) == (label, node)


def test_the_node_alone_is_read_to_its_end() -> None:
    alone = replace(step(5, None, StepKind.ACTIVITY, StepStatus.RUNNING, 1), summary="[node: a [node: b]]")
    assert (alone.label, alone.node) == (None, "a [node: b]")


@pytest.mark.parametrize("summary", ["Send the mail", "[node: ]", "Send [node: a] now", "", None])
def test_other_summaries_are_labels(summary: str | None) -> None:
    unnamed = replace(step(5, None, StepKind.ACTIVITY, StepStatus.RUNNING, 1), summary=summary)
    assert (unnamed.label, unnamed.node) == (summary or None, None)
