"""Makes steps of tasks: the flow from task to task, and the flow of data around each."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope
from workerhost_drawings.flow.building import FOLLOWING, FlowBuilder, Piece
from workerhost_drawings.flow.expressions import Expression, Helper, Local, Value
from workerhost_drawings.open_workflow.building import Shared, Targets, Task, Work
from workerhost_drawings.open_workflow.calls import call
from workerhost_drawings.open_workflow.composite import do, for_, fork, try_
from workerhost_drawings.open_workflow.listening import emit, listen
from workerhost_drawings.open_workflow.pieces import assign, checked, duration_of
from workerhost_drawings.open_workflow.simple import raise_, run, set_, switch, wait
from workerhost_drawings.v1.errors import standard

Lower = Callable[[Work], list[Piece]]
"""Returns the main steps of a task; what is in it is added to the flow, and goes on at the step that is given."""

_AROUND = ("if", "input", "output", "export", "timeout", "then", "metadata")
_KINDS: Mapping[str, tuple[Lower, tuple[str, ...]]] = {
    "for": (for_, ("for", "while", "do")),
    "try": (try_, ("try", "catch")),
    "call": (call, ("call", "with")),
    "listen": (listen, ("listen", "foreach")),
    "do": (do, ("do",)),
    "emit": (emit, ("emit",)),
    "fork": (fork, ("fork",)),
    "raise": (raise_, ("raise",)),
    "run": (run, ("run",)),
    "set": (set_, ("set",)),
    "switch": (switch, ("switch",)),
    "wait": (wait, ("wait",)),
}
_AT_ONCE = ("set", "switch", "raise")
"""Tasks that take no time."""
_ONLY_BEFORE = (*_AT_ONCE, "call", "emit", "run", "wait")
"""Tasks whose data stay as they are while their definition is looked at."""
MOST_TASKS = 5000


class Tasks:
    """Lowers the tasks of one document.

    Args:
        shared: what is known of the document.
        output: returns what the run is worth where it ends with the data of a scope.
    """

    def __init__(self, shared: Shared, output: Callable[[Scope], Expression]) -> None:
        self.shared = shared
        self._output = output

    def flow(self, scope: Scope) -> FlowBuilder:
        """Return a flow in the making, for tasks within a task."""
        return FlowBuilder(self._output(scope))

    def tasks(self, place: Place, scope: Scope, flow: FlowBuilder, leaving: str | None) -> str | None:
        """Add a list of tasks to a flow; return the id at which they begin."""
        items = place.named("task")
        starts = [each.path for _, each in items]
        names: dict[str, str] = {}
        for name, each in items:
            if name in names:
                each.problem(f"two tasks of this list are called {name!r:.100}; `then` needs names of their own")
            names.setdefault(name, each.path)
        for number, (name, each) in enumerate(items):
            following = starts[number + 1] if number + 1 < len(starts) else leaving
            targets = Targets(names, following, leaving)
            made = self.defined(name, each.of_task(), scope, targets)
            if made is not None:
                self.task(made, flow, self.target(made.members.get("then"), made, flow))
        return starts[0] if starts else leaving

    def task(self, task: Task, flow: FlowBuilder, after: str | None) -> None:
        """Add one task to a flow that goes on at `after`."""
        self.shared.types.setdefault(task.node, task.kind)
        if len(self.shared.types) == MOST_TASKS:
            self.shared.document.problem(f"the document has more than {MOST_TASKS} tasks; run workflows from it")
        if len(self.shared.types) >= MOST_TASKS:
            return
        ends = _Ends(task, flow, self._after(task))
        main = self._main(task, flow, ends(after), ends)
        before = self._before(task)
        flow.add([*before, *main], task.id, ends(after))

    def defined(self, name: str, place: Place, outer: Scope, targets: Targets, like: Task | None = None) -> Task | None:
        """Return the task that a place defines; None where it defines none, which is noted."""
        if not isinstance(place.value, dict):
            place.object(_KINDS)
            return None
        kind = next((each for each in _KINDS if each in place.value), None)
        if kind is None:
            place.problem(f"the task is of no kind; one of {', '.join(_KINDS)} would do")
            return None
        members = place.object((*_KINDS[kind][1], *_AROUND), (kind,))
        saved, described = self.shared.local(f"{name} input"), self.shared.local(f"{name} task")
        scope = outer.having(input=outer.data if kind in _ONLY_BEFORE else saved, task=described)
        at, node = (like.own("call"), like.node) if like else (place.path, place.path)
        return Task(name, place, at, node, members, kind, outer, scope, saved, targets)

    def target(self, directive: Place | None, task: Task, flow: FlowBuilder) -> str | None:
        """Return the id of the step that a `then` leads to; without one, of the task that follows."""
        name = directive.text() if directive else "continue"
        words = {"continue": task.targets.following, "exit": task.targets.leaving, "": None}
        if name == "end":
            return flow.end(task.id)
        if name not in words and name not in task.targets.names and directive:
            known = ", ".join(("continue", "exit", "end", *task.targets.names))
            directive.problem(f"no task of this list is called {name!r:.100}; {known:.500} would do")
        return words[name] if name in words else task.targets.names.get(name)

    def _main(self, task: Task, flow: FlowBuilder, after: str | None, ends: "_Ends") -> list[Piece]:
        lower, _ = _KINDS[task.kind]
        limit = task.members.get("timeout")
        if limit is None or task.kind in _AT_ONCE:
            pieces = lower(Work(self, task, flow, after))
            return [_led(each, ends) for each in pieces] if task.kind == "switch" else pieces
        inner = self.flow(task.scope)
        pieces = lower(Work(self, task, inner, None))
        ways_out = [each for each in pieces if each["kind"] == "branch"]  # of a `catch`, out of the limit
        inner.add([each for each in pieces if each not in ways_out], task.own("in time"), None)
        body = inner.flow(task.own("in time"))
        return [{"kind": "deadline", "body": body, **self.deadline(limit, task.scope, task.node)}, *ways_out]

    def deadline(self, limit: Place, scope: Scope, node: str) -> dict[str, Any]:
        """Return how long something may take, and what is raised after that."""
        found = self.shared.use.resolved("timeouts", limit)
        after = found.object(("after",), ("after",)).get("after") if found else None
        error = standard("timeout", "it took longer than its timeout allows", node)
        return {"after": duration_of(after, scope) if after else 0, "error": Value(value=error)}

    def _before(self, task: Task) -> list[Piece]:
        """Return what stands before the main step; comes after the rest, which says what of it is needed."""
        pieces: list[Piece] = []
        data, variables = task.scope.data, task.scope.variables
        if condition := task.members.get("if"):
            unless = {"kind": "branch", "next": task.targets.following}
            pieces.append({**unless, "cases": [(_task_scope(task).jq(condition), FOLLOWING)]})
        parts = task.part("input", ("schema", "from"))
        pieces += checked(data, parts.get("schema"), task.node)
        transformed = _task_scope(task).from_or_as(parts["from"]) if "from" in parts else None
        if variables["task"] in task.scope.used:
            said: list[Expression] = [
                Value(value=task.name),
                Value(value=task.node),
                Value(value=task.place.value),
                Local(name=data),
            ]
            pieces.append(assign(variables["task"], Helper(function="descriptors.of_task", arguments=said)))
        if transformed is not None:
            pieces.append(assign(data, transformed))
        if task.saved in task.scope.used:
            pieces.append(assign(task.saved, Local(name=data)))
        return pieces

    def _after(self, task: Task) -> list[Piece]:
        data = task.scope.data
        scope = task.scope.having(input=task.saved)
        output = task.part("output", ("schema", "as"))
        pieces = [assign(data, scope.from_or_as(output["as"]))] if "as" in output else []
        pieces += checked(data, output.get("schema"), task.node)
        export = task.part("export", ("schema", "as"))
        if "as" in export:
            context = task.scope.variables["context"]
            task.scope.used.add(context)
            pieces.append(assign(context, scope.having(output=data).from_or_as(export["as"])))
            pieces += checked(context, export.get("schema"), task.node)
        return pieces


class _Ends:
    """Leads to what follows a task, over what becomes of its output, which is added once for each place."""

    def __init__(self, task: Task, flow: FlowBuilder, pieces: Sequence[Piece]) -> None:
        self._task, self._flow, self._pieces = task, flow, pieces
        self._number = 0
        self._made = cache(self._make)

    def __call__(self, target: str | None) -> str | None:
        return self._made(target)

    def _make(self, target: str | None) -> str | None:
        self._number += 1
        return self._flow.add(self._pieces, self._task.own(f"after{self._number}"), target)


def _led(piece: Piece, ends: _Ends) -> Piece:
    """Return the branch of a switch, whose ways out lead over what becomes of its output."""
    cases = {"cases": [(when, ends(to)) for when, to in piece["cases"]]} if "cases" in piece else {}
    return {**piece, **cases, "next": ends(piece["next"])}


def _task_scope(task: Task) -> Scope:
    return task.outer.having(task=task.scope.variables["task"])
