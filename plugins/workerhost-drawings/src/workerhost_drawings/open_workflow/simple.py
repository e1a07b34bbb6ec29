"""Tasks of one step: set, raise, run, switch and wait."""

from typing import TYPE_CHECKING

from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.building import Piece
from workerhost_drawings.flow.expressions import Expression, Jq, Local, ObjectOf, Value
from workerhost_drawings.open_workflow.building import Task, Work
from workerhost_drawings.open_workflow.calls import of_plugin
from workerhost_drawings.open_workflow.pieces import duration_of

if TYPE_CHECKING:
    from workerhost_drawings.open_workflow.lowering import Tasks


def set_(work: Work) -> list[Piece]:
    """Return the assignment of a `set`."""
    task = work.task
    given = task.members.get("set", task.place)
    value = task.scope.from_or_as(given)
    if not isinstance(given.value, dict | str):
        given.members("an object, or an expression,")
    return [{"kind": "assign", "into": task.scope.data, "value": value, **task.at}]


def raise_(work: Work) -> list[Piece]:
    """Return the `raise` of an error that stands there, or in `use.errors`."""
    task = work.task
    members = task.part("raise", ("error",), ("error",))
    error = work.lowering.shared.use.resolved("errors", members["error"]) if "error" in members else None
    parts = error.object(("type", "status", "title", "detail", "instance"), ("type", "status")) if error else {}
    fields: dict[str, Expression] = {}
    for name, part in parts.items():
        if name == "status":
            part.number(100, 599)
        else:
            part.text()
        fields[name] = task.scope.value(part)
    fields.setdefault("instance", Value(value=task.node))
    made = {name: each.value for name, each in fields.items() if isinstance(each, Value)}
    value = Value(value=made) if len(made) == len(fields) else ObjectOf(fields=fields)
    return [{"kind": "raise", "error": value, **task.at}]


def wait(work: Work) -> list[Piece]:
    """Return the timer of a `wait`."""
    task = work.task
    return [{"kind": "wait", "duration": duration_of(task.members.get("wait", task.place), task.scope), **task.at}]


def switch(work: Work) -> list[Piece]:
    """Return the branch of a `switch`."""
    task = work.task
    cases: list[tuple[Jq, str | None]] = []
    otherwise = work.lowering.target(task.members.get("then"), task, work.flow)
    has_default = False
    given = task.members["switch"].named("case") if "switch" in task.members else []
    for _, case in given:
        parts = case.object(("when", "then"), ("then",))
        target = work.lowering.target(parts.get("then"), task, work.flow)
        if "when" in parts:
            cases.append((task.scope.jq(parts["when"]), target))
        elif has_default:
            case.problem("a switch has one case without `when`, and this one has two")
        else:
            otherwise, has_default = target, True
    if not cases:
        if not given or has_default:
            task.place.warning("no case of the switch has a condition; it goes where its one way leads")
        return [{"kind": "mark", "next": otherwise, **task.at}]
    return [{"kind": "branch", "cases": cases, "next": otherwise, **task.at}]


def run(work: Work) -> list[Piece]:
    """Return the child that a `run` of a workflow is, or the activity of a plugin for another kind of process."""
    task = work.task
    given = task.members.get("run", task.place)
    members = given.object(("workflow", "container", "script", "shell", "await", "return"))
    kinds = [each for each in ("workflow", "container", "script", "shell") if each in members]
    if len(kinds) != 1:
        given.problem("one of workflow, container, script and shell is run")
        return []
    if kinds[0] != "workflow":
        return of_plugin(work.lowering, task, f"run {kinds[0]}", members[kinds[0]])
    waits = members["await"].flag() if "await" in members else True
    back = members["return"].text("stdout", "stderr", "code", "all", "none") if "return" in members else ""
    if back not in {"", "stdout", "none"}:
        members["return"].problem("a workflow has a result alone; leave `return` out, or say none")
    child = _child(work.lowering, task, members["workflow"])
    if child is None:
        return []
    if not waits:
        return [{**child, "waits": False, "parent_close_policy": "abandon"}]
    none = [{"kind": "assign", "into": task.scope.data, "value": Value(value=None)}]
    return [child, *none] if back == "none" else [{**child, "result": task.scope.data}]


def _child(lowering: "Tasks", task: Task, given: Place) -> Piece | None:
    parts = given.object(("namespace", "name", "version", "input"), ("namespace", "name", "version"))
    name = parts["name"].name() if "name" in parts else ""
    if not name:
        return None
    context = lowering.shared.context
    if name not in context.workflow_types and name != context.workflow:
        parts["name"].warning(f"the project has no workflow {name} yet; the run fails where it is not there by then")
    sent = task.scope.value(parts["input"]) if "input" in parts else Local(name=task.scope.data)
    return {"kind": "child", "workflow_type": name, "input": sent, **task.at}
