"""Tasks of tasks: do, for, fork and try."""

from typing import TYPE_CHECKING, Any

from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope, variable_name
from workerhost_drawings.flow.building import Piece
from workerhost_drawings.flow.expressions import Expression, Jq, Local, Value
from workerhost_drawings.open_workflow.building import Targets, Task, Work
from workerhost_drawings.open_workflow.pieces import assign, duration_of

if TYPE_CHECKING:
    from workerhost_drawings.open_workflow.lowering import Tasks


def do(work: Work) -> list[Piece]:
    """Add the tasks of a `do` to the flow that it stands in, and return its mark before them."""
    task = work.task
    begin = work.after
    if "do" in task.members:
        begin = work.lowering.tasks(task.members["do"], task.outer, work.flow, work.after)
    return [{"kind": "mark", "next": begin, **task.at}]


def for_(work: Work) -> list[Piece]:
    """Return the loop of a `for`, whose iterations hand their data on."""
    task = work.task
    parts = task.part("for", ("each", "in", "at"), ("in",))
    if "in" not in parts:
        return []
    item, index = variable_name(parts.get("each"), "item"), variable_name(parts.get("at"), "index")
    locals_ = {each: work.lowering.shared.local(each) for each in dict.fromkeys((item, index))}
    inside = task.outer.having(locals_)
    body = work.lowering.flow(inside)
    begin = work.lowering.tasks(task.members["do"], inside, body, None) if "do" in task.members else None
    condition = task.scope.having(locals_).jq(task.members["while"]) if "while" in task.members else None
    given = parts["in"]
    items = task.scope.value(given) if isinstance(given.value, list) else task.scope.jq(given)
    loop = {"kind": "each", "items": items, "item": locals_[item], "index": locals_[index]}
    return [{**loop, "condition": condition, "body": body.flow(begin), **task.at}]


def fork(work: Work) -> list[Piece]:
    """Return the branches of a `fork`, each with data of its own."""
    task = work.task
    parts = task.part("fork", ("branches", "compete"), ("branches",))
    lanes = []
    for name, place in parts["branches"].named("task") if "branches" in parts else []:
        data = work.lowering.shared.local(f"{name} data")
        scope = task.outer.over(data)
        lane = work.lowering.flow(scope)
        made = work.lowering.defined(name, place.of_task(), scope, Targets({name: place.path}, None, None))
        if made is not None:
            work.lowering.task(made, lane, work.lowering.target(made.members.get("then"), made, lane))
        begin = lane.add([assign(data, Local(name=task.scope.data))], f"{place.path}#branch", place.path)
        lanes.append({"name": name or "branch", "flow": lane.flow(begin, Local(name=data))})
    if not lanes:
        task.place.problem("a fork needs branches; a list of tasks in fork.branches would do")
        return []
    compete = parts["compete"].flag() if "compete" in parts else False
    return [{"kind": "parallel", "branches": lanes, "compete": compete, "result": task.scope.data, **task.at}]


def try_(work: Work) -> list[Piece]:
    """Return the `try`, whose body works on data of its own, so that a further try and the handler begin anew."""
    task = work.task
    parts = task.part("catch", ("errors", "as", "when", "exceptWhen", "retry", "do", "then"))
    if "catch" not in task.members:
        task.place.problem("catch is missing; `catch: {}` catches every error")
    name = variable_name(parts.get("as"), "error")
    caught = work.lowering.shared.local(name)
    scope = task.scope.having({name: caught})
    handler, flag = _handler(work.lowering, task, parts, task.outer.having({name: caught}))
    made: Piece = {
        "kind": "try",
        "body": _body(work.lowering, task),
        "caught": caught,
        "matching": _matching(parts.get("errors")),
        "when": _condition(scope, parts),
        **(_retry(work.lowering, scope, parts["retry"]) if "retry" in parts else {}),
        "handler": handler,
        **task.at,
    }
    if flag is None:
        return [made]
    leads = work.lowering.target(parts["then"], task, work.flow)
    branch = {"kind": "branch", "cases": [(Jq(code=".", data=flag), leads)]}
    return [assign(flag, Value(value=False)), made, branch]


def _body(lowering: "Tasks", task: Task) -> Any:
    data = lowering.shared.local(f"{task.name} data")
    scope = task.outer.over(data)
    body = lowering.flow(scope)
    end = body.add([assign(task.scope.data, Local(name=data))], task.own("tried"), None)
    begin = lowering.tasks(task.members["try"], scope, body, end) if "try" in task.members else end
    return body.flow(body.add([assign(data, Local(name=task.scope.data))], task.own("try"), begin))


def _handler(lowering: "Tasks", task: Task, parts: dict[str, Place], scope: Scope) -> tuple[Any, str | None]:
    """Return what is done with an error, and the local that tells that it was, where that leads elsewhere."""
    handler = lowering.flow(scope)
    then, flag = parts.get("then"), None
    end: str | None = None
    if then is not None and then.value == "end":
        end = handler.end(task.own("caught"))
    elif then is not None and (then.value != "continue" or "then" in task.members):
        flag = lowering.shared.local(f"{task.name} caught")
        end = handler.add([assign(flag, Value(value=True))], task.own("caught"), None)
    begin = lowering.tasks(parts["do"], scope, handler, end) if "do" in parts else end
    return handler.flow(begin), flag


def _matching(errors: Place | None) -> dict[str, object]:
    filters = errors.object(("with",)) if errors else {}
    if "with" not in filters:
        return {}
    parts = filters["with"].object(("type", "status", "instance", "title", "detail"))
    for name, part in parts.items():
        if name == "status":
            part.number(100, 599)
        else:
            part.text()
    return {name: part.value for name, part in parts.items()}


def _condition(scope: Scope, parts: dict[str, Place]) -> Expression | None:
    """Return what must be so: `when`, and not `exceptWhen`."""
    when, unless = parts.get("when"), parts.get("exceptWhen")
    if unless is None:
        return scope.jq(when) if when else None
    if when is None:
        return scope.jq(unless, before="(", after="\n) | not")
    wanted, unwanted = scope.jq(when), scope.jq(unless)
    return scope.program(when, f"({wanted.code}\n) and (({unwanted.code}\n) | not)")


def _retry(lowering: "Tasks", scope: Scope, given: Place) -> dict[str, Any]:
    found = lowering.shared.use.resolved("retries", given)
    parts = found.object(("when", "exceptWhen", "delay", "backoff", "limit", "jitter")) if found else {}
    again: dict[str, Any] = {}
    if "delay" in parts:
        again["delay"] = duration_of(parts["delay"], scope)
    if "backoff" in parts:
        kinds = ("constant", "linear", "exponential")
        parts["backoff"].object(kinds)
        for kind, place in parts["backoff"].members().items():
            again["backoff"] = kind if kind in kinds else "constant"
            if kind in kinds and place.value:
                place.warning(f"what stands in `{kind}` is not looked at; the delay is that of the policy")
    limit = parts["limit"].object(("attempt", "duration")) if "limit" in parts else {}
    attempt = limit["attempt"].object(("count", "duration")) if "attempt" in limit else {}
    if "count" in attempt:
        again["attempts"] = attempt["count"].number(0, 1_000_000) + 1  # they count the further ones
    if "duration" in attempt:
        again["attempt_timeout"] = duration_of(attempt["duration"], scope)
    if "duration" in limit:
        again["duration"] = duration_of(limit["duration"], scope)
    jitter = parts["jitter"].object(("from", "to"), ("from", "to")) if "jitter" in parts else {}
    again |= {f"jitter_{name}": place.milliseconds() for name, place in jitter.items()}
    return {"again": again, "retry_when": _condition(scope, parts)}
