"""A small compiler of drawings: a list of nodes becomes a workflow that does one after the other.

A node calls an activity with its input, or the one before it has its result taken over where it has no input; a node
without an activity only notes that it was passed.
"""

import json
from collections.abc import Iterator
from typing import Any

from workerhost import hookimpl
from workerhost.drawing import Compilation, CompileContext, DrawingProblem, NodeLine, Trigger

FORMAT = "list"

_BEGIN = '''# Compiled from a list drawing by {compiler}. Change the drawing, not this.
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name={name!r})
class Drawing:
    """What was drawn."""

    def __init__(self) -> None:
        self._passed = []

    @workflow.query(name="workerhost:nodes")
    def nodes(self) -> list:
        return self._passed

    def passed(self, node):
        self._passed.append({{"node": node, "at": workflow.now().isoformat()}})

    @workflow.run
    async def run(self, input=None):
        result = input
'''

_ACTIVITY = """        # {label}
        result = await workflow.execute_activity(
            {activity!r},
            {input},
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=10)),
            summary="[node: {id}]",
        )
"""

_PASSED = """        # {label}
        self.passed({id!r})
"""

_WAIT = """        # {label}
        self.passed({id!r})
        await workflow.sleep({seconds})
"""


class ListsCompiler:
    """Compiles drawings of the format `list`, and says what it was told of the project.

    Args:
        version: of the compiler.
    """

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.contexts: list[CompileContext] = []

    @hookimpl
    def workerhost_compile(self, format: str, source: object, context: CompileContext) -> Compilation | None:
        if format != FORMAT:
            return None
        self.contexts.append(context)
        if source == "explode":
            raise RuntimeError("the compiler is out of order")
        if source == "nonsense":
            return "no compilation"
        compiler = f"lists {self.version}"
        drawn: Any = json.loads(source) if isinstance(source, str) else source
        problems = list(_problems(drawn, context))
        if problems:
            return Compilation(compiler, problems=problems, warnings=list(_warnings(drawn)))
        return _compiled(compiler, drawn, context)


def step(node: str, activity: str | None = None, label: str = "", **more: Any) -> dict[str, Any]:
    """Return a node."""
    return {"id": node, "label": label or node, **({"activity": activity} if activity else {}), **more}


def drawing(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a drawing as `source` of a body."""
    return {"format": FORMAT, "document": {"nodes": list(nodes), **more}}


def _problems(drawn: Any, context: CompileContext) -> Iterator[DrawingProblem]:
    for node in drawn["nodes"]:
        activity = node.get("activity")
        if activity is not None and activity not in context.activities:
            reason = f"there is no activity {activity}; there are: {', '.join(context.activities)}"
            yield DrawingProblem(reason, node["id"], "activity")
    if not drawn["nodes"]:
        yield DrawingProblem("the list is empty")


def _warnings(drawn: Any) -> Iterator[DrawingProblem]:
    for node in drawn["nodes"]:
        if "secret" in node:
            yield DrawingProblem("a secret stands in the drawing", node["id"], "secret")


def _compiled(compiler: str, drawn: Any, context: CompileContext) -> Compilation:
    text = _BEGIN.format(compiler=compiler, name=context.workflow)
    places = []
    for node in drawn["nodes"]:
        places.append(NodeLine(node["id"], text.count("\n") + 1, node["label"], "step"))
        shape = _ACTIVITY if "activity" in node else _WAIT if "seconds" in node else _PASSED
        value = repr(node["input"]) if "input" in node else "result"
        text += shape.format(**{**node, "input": value})
    schedule = drawn.get("schedule")
    trigger = Trigger("schedule", f"{context.workflow}-daily", {"cron": [schedule]}, "start") if schedule else None
    return Compilation(
        compiler,
        workflow_code=text + "        return result\n",
        activities_code=drawn.get("activities"),
        modules=drawn.get("modules", {}),
        map=places,
        warnings=list(_warnings(drawn)),
        triggers=[trigger] if trigger else [],
    )
