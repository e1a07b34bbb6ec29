"""The task `call`: HTTP, OpenAPI, functions of the document, and activities."""

import difflib
from typing import TYPE_CHECKING

from workerhost_drawings.activities import HTTP_ACTIVITY, LONGEST_CALL, OPENAPI_ACTIVITY
from workerhost_drawings.activities.inputs import http_input, joined, openapi_input
from workerhost_drawings.documents.inputs import check_sent
from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.building import FlowBuilder, Piece
from workerhost_drawings.flow.expressions import Expression, Local, Value
from workerhost_drawings.flow.steps import Retry
from workerhost_drawings.open_workflow.building import Targets, Task, Work
from workerhost_drawings.open_workflow.pieces import assign

if TYPE_CHECKING:
    from workerhost_drawings.open_workflow.lowering import Tasks


_OF_PLUGINS = ("grpc", "asyncapi", "a2a", "mcp")
_RETRY = Retry(maximum_attempts=3)
"""For calls that Temporal has lost, and for activities of projects; what an answer says is final, or is tried again by
a `try` of the document."""


def call(work: Work) -> list[Piece]:
    """Return the activity that a `call` is, or lead into the function of the document that it names."""
    task = work.task
    name = task.members["call"].text() if "call" in task.members else ""
    given = task.members.get("with")
    if name in {"http", "openapi"}:
        if given is None:
            task.place.problem("with is missing")
            return []
        use = work.lowering.shared.use
        if name == "http":
            return [_web(task, HTTP_ACTIVITY, http_input(task.scope, use, given))]
        return [_web(task, OPENAPI_ACTIVITY, openapi_input(task.scope, use, given))]
    if name in _OF_PLUGINS:
        return of_plugin(work.lowering, task, f"call {name}", given)
    functions = work.lowering.shared.use.members("functions")
    if name in functions:
        return _function(work.lowering, task, work.flow, work.after, functions[name])
    known = work.lowering.shared.context.activities
    if name and name not in known:
        near = difflib.get_close_matches(name, [*functions, *known], 3)
        there = (
            f"there is {' and '.join(near)}" if near else "use.functions and GET /activities list those that there are"
        )
        fetched = "; functions of catalogs are not fetched" if "@" in name or "://" in name else ""
        task.members["call"].problem(f"no function and no activity is called {name!r:.100}; {there}{fetched}")
    return [_activity(work.lowering, task, name if name in known else "?", given)]


def of_plugin(lowering: "Tasks", task: Task, what: str, given: Place | None) -> list[Piece]:
    """Return the activity with which a plugin does what is not built here; without such a plugin it is a problem.

    Args:
        lowering: of the document.
        task: that asks for it.
        what: `call grpc`; the activity is called `callGrpc` then.
        given: the activity's input.
    """
    verb, kind = what.split()
    name = f"{verb}{kind.capitalize()}"
    if name not in lowering.shared.context.activities:
        task.place.problem(f"`{what}` is not built; a plugin with an activity named {name} would do")
    return [_activity(lowering, task, name, given)]


def _activity(lowering: "Tasks", task: Task, name: str, given: Place | None) -> Piece:
    sent = task.scope.value(given) if given else None
    known = lowering.shared.context.activities.get(name)
    if known and known.input_schema and (given or known.input_schema.get("required")):
        check_sent(given or task.place, sent, known.input_schema)
    return {"kind": "activity", "activity": name, "input": sent, "result": task.scope.data, "retry": _RETRY, **task.at}


def _function(lowering: "Tasks", task: Task, flow: FlowBuilder, after: str | None, place: Place) -> list[Piece]:
    """Add the task that a function of the document is, with what it is called with as its input."""
    shared, data = lowering.shared, task.scope.data
    if place.path in shared.functions:
        task.place.problem(f"the function {place.path} calls itself; a workflow can run itself")
        return []
    shared.functions = (*shared.functions, place.path)
    made = lowering.defined(task.name, place, task.outer, Targets({}, after, after), like=task)
    if made is not None:
        lowering.task(made, flow, after)
    shared.functions = shared.functions[:-1]
    sent = task.scope.value(task.members["with"]) if "with" in task.members else Local(name=data)
    return [{**assign(data, sent), "next": made.id if made else after}]


def _web(task: Task, activity: str, fields: dict[str, Expression]) -> Piece:
    sent = joined({**fields, "instance": Value(value=task.node)})
    limits = {"retry": _RETRY, "start_to_close": LONGEST_CALL * 1000}
    return {"kind": "activity", "activity": activity, "input": sent, "result": task.scope.data, **limits, **task.at}
