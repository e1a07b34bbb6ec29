"""How fast drawings become code and go live, and how fast what they became runs beside the same by hand."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import click

from measure import WARM_UP, Figure, Options, Rest, latency, milliseconds

ACTIVITIES = """
from typing import Any

from temporalio import activity


@activity.defn
async def echo(given: dict[str, Any]) -> dict[str, Any]:
    return given
"""

BY_HAND = """
from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn(name="three")
class Three:
    @workflow.run
    async def run(self, input: Any = None) -> Any:
        value: dict[str, Any] = {"text": input}
        for _ in range(3):
            value = await workflow.execute_activity(
                "echo", {"text": value["text"]}, start_to_close_timeout=timedelta(minutes=1)
            )
        return value["text"]
"""

SMALL, LARGE = 20, 1000
"""Nodes of the drawings that are published."""

ROUNDS, QUICK_ROUNDS = 9, 1


def _drawing(activities: int, *, every: int = 0) -> dict[str, Any]:
    """Return a canvas graph of activities in a row, with a condition before every so-many of them."""
    nodes = [_node("begin", "trigger", triggerType="manual")]
    edges: list[dict[str, str]] = []
    last = [("begin", "")]
    text = "input"
    for number in range(activities):
        if every and number % every == every - 1:
            nodes.append(_node(f"ask-{number}", "condition", config={"condition": f"{text} === 'go on'"}))
            edges += [_edge(source, f"ask-{number}", handle) for source, handle in last]
            last = [(f"ask-{number}", "true")]
            skipped = [(f"ask-{number}", "false")]
        else:
            skipped = []
        nodes.append(
            _node(f"echo-{number}", "activity", componentName="echo", config={"text": f"${{{text}}}"}, timeout="60s")
        )
        edges += [_edge(source, f"echo-{number}", handle) for source, handle in last]
        last = [(f"echo-{number}", ""), *skipped]
        text = text if every else f"echo-{number}.text"
    nodes.append(_node("finish", "end", resultMapping=text))
    edges += [_edge(source, "finish", handle) for source, handle in last]
    return {"nodes": nodes, "edges": edges, "variables": []}


def _node(name: str, kind: str, **data: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "position": {"x": 0, "y": 0}, "data": {"label": name, **data}}


def _edge(source: str, target: str, handle: str) -> dict[str, str]:
    edge = {"id": f"{source}-{handle}-{target}", "source": source, "target": target}
    return {**edge, "sourceHandle": handle} if handle else edge


def _body(version: int, drawing: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": str(version),
        "source": {"format": "canvas", "document": drawing},
        "activitiesCode": ACTIVITIES,
    }


def drawing(rest: Rest, options: Options) -> list[Figure]:
    """Drawings of 20 and of 1,000 nodes until they are current, and three drawn activities beside the same by hand."""
    return [
        _publish(rest, SMALL, options.count(100), 100),
        _publish(rest, LARGE, options.count(20), 1000),
        _throughput(rest, options),
    ]


def _publish(rest: Rest, nodes: int, count: int, target: float) -> Figure:
    project = f"drawn-{uuid.uuid4().hex[:8]}"
    rest.call("PUT", f"/projects/{project}", {})
    path = f"/projects/{project}/workflows/drawn"
    drawn = _drawing(nodes * 4 // 5, every=4)

    def publish(number: int) -> None:
        drawn["nodes"][-1]["data"]["resultMapping"] = f"{number} + input.length"  # another drawing each time
        rest.call("PUT", path, _body(number, drawn))

    for number in range(WARM_UP):
        publish(number)
    took = milliseconds(publish, range(WARM_UP, WARM_UP + count), f"publishing {len(drawn['nodes'])} nodes")
    return latency(f"a drawing of {nodes:,} nodes compiled and published", took, p50=target)


def _throughput(rest: Rest, options: Options) -> Figure:
    drawn, by_hand = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("drawn", "byhand"))
    for project, body in (
        (drawn, _body(1, _drawing(3))),
        (by_hand, {"version": "1", "workflowCode": BY_HAND, "activitiesCode": ACTIVITIES}),
    ):
        rest.call("PUT", f"/projects/{project}", {})
        rest.call("PUT", f"/projects/{project}/workflows/three", body)
        rest.start(project)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    command = [sys.executable, str(options.bench / "drive.py"), "--address", rest.service.temporal.address]
    command += ["--task-queue", f"{drawn}-queue", "--versus", f"{by_hand}-queue", "--workflow", "three"]
    command += ["--count", str(options.count(200)), "--rounds", str(rounds)]
    click.echo("three drawn activities and three by hand …", err=True)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(output.splitlines()[-1])
    return Figure(
        name="throughput of three drawn activities against the same by hand, 20 in flight",
        target="0.97",
        measured=f"{found['median']:.2f}",
        met=found["median"] >= 0.97,
        details={"ratios": found["throughput_ratio"]},
    )


DRAWING_FIGURES: dict[str, Callable[[Rest, Options], list[Figure]]] = {"drawing": drawing}
