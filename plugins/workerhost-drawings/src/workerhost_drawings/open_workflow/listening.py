"""Tasks of events: emit and listen."""

import json
from typing import TYPE_CHECKING

from workerhost_drawings.documents.filters import filter_program
from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope, variable_name
from workerhost_drawings.flow.building import Piece
from workerhost_drawings.flow.expressions import Expression, Helper, Jq, Local, Value
from workerhost_drawings.open_workflow.building import Task, Work
from workerhost_drawings.open_workflow.pieces import assign

if TYPE_CHECKING:
    from workerhost_drawings.open_workflow.lowering import Tasks


_EMIT_ACTIVITY = "emitEvent"
"""Of a plugin that takes events somewhere."""
_STRATEGIES = ("one", "any", "all")


def emit(work: Work) -> list[Piece]:
    """Return the making of an event, and the activity of a plugin that sends it, where there is one."""
    task = work.task
    parts = task.part("emit", ("event",), ("event",))
    event = parts["event"].object(("with",), ("with",)) if "event" in parts else {}
    if "with" not in event:
        return []
    if isinstance(event["with"].value, dict) and not event["with"].value.get("type"):
        event["with"].problem("type is missing")
    data = task.scope.data
    made = {**assign(data, Helper(function="events.new", arguments=[task.scope.value(event["with"])])), **task.at}
    if _EMIT_ACTIVITY in work.lowering.shared.context.activities:
        return [made, {"kind": "activity", "activity": _EMIT_ACTIVITY, "input": Local(name=data), "node": task.node}]
    task.place.warning(
        f"the event is the task's output, and nobody else gets it; a plugin with an activity named {_EMIT_ACTIVITY} "
        "would send it"
    )
    return [made]


def listen(work: Work) -> list[Piece]:
    """Return the wait for events, which are read as the task says, and handled one by one where it says how."""
    task = work.task
    parts = task.part("listen", ("to", "read"), ("to",))
    read = parts["read"].text("data", "envelope", "raw") if "read" in parts else "data"
    if "to" not in parts:
        return []
    to = parts["to"].object((*_STRATEGIES, "until"))
    modes = [each for each in _STRATEGIES if each in to]
    if len(modes) != 1:
        parts["to"].problem("one of one, any and all says which events are listened to")
        return []
    event, data = work.lowering.shared.local(f"{task.name} event"), task.scope.data
    scope = task.scope.over(event)
    given = to[modes[0]]
    wanted = [given] if modes[0] == "one" else given.items("a list of filters of events")
    filters: list[Expression] = [scope.program(each, filter_program(each, scope)) for each in wanted]
    until, last = _until(to, scope, read)
    if last is not None:
        filters = [*filters, last] if filters else [Jq(code="true", data=event)]
    output = [assign(data, Jq(code=code, data=data)) for code in _read(read, without_last=last is not None)]
    fields: Piece = {"kind": "listen", "mode": modes[0], "filters": filters, "event": event, "until": until}
    if "foreach" not in task.members:
        return [{**fields, "result": data, **task.at}, *output]
    return _handled(work.lowering, task, fields, read, last)


def _handled(lowering: "Tasks", task: Task, fields: Piece, read: str, last: Jq | None) -> list[Piece]:
    """Return a wait whose events are handled one by one; the output of each becomes an item of the task's."""
    parts = task.members["foreach"].object(("item", "at", "do", "output", "export"))
    item, index = variable_name(parts.get("item"), "item"), variable_name(parts.get("at"), "index")
    locals_ = {each: lowering.shared.local(each) for each in dict.fromkeys((item, index))}
    given, found = lowering.shared.local(f"{task.name} given"), lowering.shared.local(f"{task.name} found")
    data = task.scope.data
    inside = task.outer.having(locals_)
    body = lowering.flow(inside)
    output = parts["output"].object(("as", "schema")) if "output" in parts else {}
    export = parts["export"].object(("as", "schema")) if "export" in parts else {}
    for each in (output, export):
        if "schema" in each:
            each["schema"].problem("a schema for each event is not built; one of the whole task is")
    pieces = [assign(data, inside.from_or_as(output["as"]))] if "as" in output else []
    if "as" in export:
        inside.used.add(inside.variables["context"])
        pieces.append(assign(inside.variables["context"], inside.having(output=data).from_or_as(export["as"])))
    collect = Jq(code=". + [$output]", data=found, names={"output": data})
    number = assign(locals_[index], Jq(code=". + 1", data=locals_[index]))
    end = body.add([*pieces, assign(found, collect), number], task.own("each done"), None)
    begin = lowering.tasks(parts["do"], inside, body, end) if "do" in parts else end
    value: Expression = Jq(code=".data", data=fields["event"]) if read == "data" else Local(name=fields["event"])
    first = [assign(locals_[item], value), assign(data, Local(name=given))]
    begin = body.add(first, task.own("each"), begin)
    if last is not None:
        unless: Piece = {"kind": "branch", "cases": [(last, None)]}
        begin = body.add([unless], task.own("each until"), begin)
    before = [assign(given, Local(name=data)), assign(found, Value(value=[])), assign(locals_[index], Value(value=0))]
    return [*before, {**fields, "each": body.flow(begin), **task.at}, assign(data, Local(name=found))]


def _until(to: dict[str, Place], scope: Scope, read: str) -> tuple[Expression | None, Jq | None]:
    """Return until what it listens, and the filter of the event that ends it, which is not a part of the output."""
    until = to.get("until")
    if until is None:
        return None, None
    if "any" not in to:
        until.problem("`until` goes with `any`")
        return None, None
    if isinstance(until.value, bool):
        return Jq(code=json.dumps(until.value), data=scope.data), None
    if isinstance(until.value, str):
        before = ".data | (" if read == "data" else "("
        return scope.jq(until, before=before, after="\n)"), None
    last = until.object(("one",), ("one",))
    if "one" not in last:
        return None, None
    program = scope.program(last["one"], filter_program(last["one"], scope))
    return program, program


def _read(read: str, *, without_last: bool) -> list[str]:
    code = [*([".[:-1]"] if without_last else []), *(["map(.data)"] if read == "data" else [])]
    return [" | ".join(code)] if code else []
