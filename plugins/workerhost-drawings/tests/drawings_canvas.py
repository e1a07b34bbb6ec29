"""Makes canvas graphs for tests, and reads them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from workerhost.drawing import CompileContext, DrawingProblem, KnownActivity
from workerhost_drawings.canvas.front_end import read_canvas
from workerhost_drawings.flow.program import Program
from workerhost_drawings.flow.steps import Flow, Step
from workerhost_drawings.problems import Findings

MESSAGE = {
    "type": "object",
    "properties": {"message": {"type": "string"}, "times": {"type": "integer"}},
    "required": ["message"],
    "additionalProperties": False,
}

ACTIVITIES = {
    "sampleActivity": KnownActivity("sampleActivity", MESSAGE),
    "transformData": KnownActivity("transformData"),
    "logMessage": KnownActivity("logMessage"),
    "ping": KnownActivity("ping"),
}


def node(identifier: str, kind: str, **data: Any) -> dict[str, Any]:
    """A node of a graph."""
    return {"id": identifier, "type": kind, "position": {"x": 0, "y": 0}, "data": data}


def activity(identifier: str, message: str = "hello", **data: Any) -> dict[str, Any]:
    """A node that calls `sampleActivity`."""
    return node(identifier, "activity", **{"componentName": "sampleActivity", "config": {"message": message}, **data})


def edge(way: str) -> dict[str, Any]:
    """An edge, written as `a > b`, or `a > b : true` with its label."""
    source, _, rest = way.partition(" > ")
    target, _, label = rest.partition(" : ")
    return {"id": way, "source": source, "target": target, **({"label": label} if label else {})}


def graph(nodes: Sequence[dict[str, Any]], *ways: str, **more: Any) -> dict[str, Any]:
    """A graph with a trigger, `start`, unless one is among the nodes."""
    first = [] if any(each["type"] == "trigger" for each in nodes) else [node("start", "trigger", triggerType="manual")]
    return {"nodes": [*first, *nodes], "edges": [edge(each) for each in ways], **more}


def line(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A graph of a trigger and nodes that follow each other."""
    first = () if nodes[0]["type"] == "trigger" else ("start",)
    ids = [*first, *(each["id"] for each in nodes)]
    return graph(nodes, *(f"{a} > {b}" for a, b in pairwise(ids)), **more)


class Reading:
    """What came of a drawing."""

    def __init__(self, source: object, settings: Mapping[str, Any], types: Sequence[str]) -> None:
        self.findings = Findings()
        context = CompileContext("shop", "order", settings, ACTIVITIES, types)
        self.read = read_canvas(source, context, self.findings)

    @property
    def program(self) -> Program:
        """The program of a drawing in which nothing is wrong."""
        assert self.read is not None, self.findings.problems
        assert not self.findings.problems
        return self.read.program

    @property
    def problems(self) -> list[DrawingProblem]:
        """What is wrong; nothing was made of the drawing."""
        assert self.read is None
        assert self.findings.problems
        return self.findings.problems

    @property
    def problem(self) -> DrawingProblem:
        """The one thing that is wrong."""
        assert len(self.problems) == 1, self.problems
        return self.problems[0]

    @property
    def warning(self) -> DrawingProblem:
        """The one warning."""
        assert len(self.findings.warnings) == 1, self.findings.warnings
        return self.findings.warnings[0]

    def step(self, identifier: str) -> Any:
        """A step of the outermost flow by its id, without what follows."""
        return plain(next(each for each in self.program.flow.steps if each.id == identifier))


def reading(source: object, settings: Mapping[str, Any] | None = None, types: Sequence[str] = ()) -> Reading:
    """Read a drawing with the activities of these tests."""
    return Reading(source, settings or {}, types)


def plain(step: Step) -> Any:
    """A step without its id, node, label and what follows."""
    return step.model_dump(exclude_unset=True, exclude={"id", "node", "label", "next"}, by_alias=True)


def ways(flow: Flow) -> dict[str, Any]:
    """Where the steps of a flow lead, by their ids; for a branch that is where it leads if it is so, and if not."""
    return {each.id: (each.cases[0].next, each.next) if each.kind == "branch" else each.next for each in flow.steps}
