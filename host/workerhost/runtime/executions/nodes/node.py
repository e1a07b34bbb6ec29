"""One node of a drawing in a run, made of the steps that name it and of what the run says itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workerhost.drawing import NodeLine
from workerhost.runtime.executions.history.step import Step
from workerhost.words import StepKind, StepStatus


@dataclass(frozen=True)
class Passing:
    """What a run says of a node that it came to, of which its history may say nothing."""

    at: datetime
    """When it came there last."""
    times: int = 1
    """How often it has come there."""


@dataclass(frozen=True)
class NodeOfRun:
    """A node that a run came to."""

    node: str
    """Its id in the drawing."""
    status: StepStatus
    """Of its last step; completed where it is none."""
    attempts: int
    """How often its last step was tried."""
    times: int
    """How often the run came to it."""
    first_at: datetime
    """When the run came to it first, as far as that is known."""
    label: str = ""
    type: str = ""
    last: Step | None = None
    """Its last step."""
    steps: Sequence[str] = field(default=())
    """The ids of its steps, in the order in which they began."""


def nodes_of(steps: Iterable[Step], passed: Mapping[str, Passing], drawn: Iterable[NodeLine]) -> list[NodeOfRun]:
    """Return the nodes of a run in the order in which it came to them first.

    Args:
        steps: of the run, in the order in which they began.
        passed: what the run says itself, by node.
        drawn: the nodes of the drawing.
    """
    of_nodes: dict[str, list[Step]] = {}
    for step in steps:
        if step.node is not None:
            of_nodes.setdefault(step.node, []).append(step)
    lines = {each.node: each for each in drawn}
    names = [*of_nodes, *(each for each in passed if each not in of_nodes)]
    found = [_node(name, of_nodes.get(name, ()), passed.get(name), lines.get(name)) for name in names]
    return sorted(found, key=lambda each: each.first_at)


def _node(name: str, steps: Sequence[Step], passing: Passing | None, line: NodeLine | None) -> NodeOfRun:
    last = steps[-1] if steps else None
    times = [each for each in (steps[0].scheduled_at if steps else None, passing.at if passing else None) if each]
    return NodeOfRun(
        name,
        _status(last, passing),
        attempts=last.attempt if last else 1,
        times=max(len(steps), passing.times if passing else 0),
        first_at=min(times),
        label=line.label if line else "",
        type=line.type if line else "",
        last=last,
        steps=[each.id for each in steps],
    )


def _status(last: Step | None, passing: Passing | None) -> StepStatus:
    if last is None:
        return StepStatus.COMPLETED
    # A wait for something that came in time leaves nothing but a timer that was canceled.
    is_over = passing is not None and passing.at >= last.scheduled_at
    if last.kind == StepKind.TIMER and last.status == StepStatus.CANCELED and is_over:
        return StepStatus.COMPLETED
    return last.status


def read_passings(answer: Any) -> dict[str, Passing]:
    """Return what a run answers that is asked which nodes it has passed; what cannot be read is left out.

    Args:
        answer: a list of `{"node", "at", "times"}`, if all is well; a project's own code may answer anything.
    """
    found: dict[str, Passing] = {}
    for each in answer if isinstance(answer, list) else ():
        said = each if isinstance(each, dict) else {}
        node, times, moment = said.get("node"), said.get("times"), _moment(said.get("at"))
        if isinstance(node, str) and moment is not None:
            number = times if isinstance(times, int) and not isinstance(times, bool) else 1
            before = found[node].times if node in found else 0
            found[node] = Passing(moment, before + number)
    return found


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
