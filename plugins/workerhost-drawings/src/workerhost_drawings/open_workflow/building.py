"""Flows in the making, and what the lowering of all tasks shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import TypeAdapter

from workerhost.drawing import CompileContext
from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.expressions import Expression
from workerhost_drawings.flow.steps import Case, End, Flow, Step
from workerhost_drawings.open_workflow.scope import Scope

_STEP: TypeAdapter[Step] = TypeAdapter(Step)

Piece = dict[str, Any]
"""The fields of a step that has no id yet, and goes on to the piece after it."""


@dataclass
class FlowBuilder:
    """Collects the steps of one flow."""

    result: Expression | None
    """Of the run, for tasks that end it."""
    is_main: bool = False
    """Whether the run ends where the flow does."""
    steps: list[Step] = field(default_factory=list)
    _end: str | None = None

    def add(self, pieces: Sequence[Piece], begin: str, after: str | None) -> str | None:
        """Add pieces one after the other; return the id of the first, or of what follows where there are none.

        Args:
            pieces: what to add. One that has an `id` keeps it.
            begin: the id of the first; the others' begin with it.
            after: the id of the step after the last.
        """
        ids = [each.get("id") or (begin if number == 0 else f"{begin}#{number}") for number, each in enumerate(pieces)]
        for number, piece in enumerate(pieces):
            following = ids[number + 1] if number + 1 < len(ids) else after
            self.steps.append(_STEP.validate_python(_linked({**piece, "id": ids[number]}, following)))
        return ids[0] if ids else after

    def end(self, begin: str) -> str | None:
        """Return the id of a step that ends the run; None where that is the end of the flow."""
        if self.is_main:
            return None
        if self._end is None:
            self._end = f"{begin}#end"
            self.steps.append(End(id=self._end, result=self.result))
        return self._end

    def flow(self, start: str | None, result: Expression | None = None) -> Flow:
        """Return the flow."""
        return Flow(start=start, steps=self.steps, result=result)


FOLLOWING = "#following"
"""Stands in the cases of a piece for the step after it."""


def _linked(piece: Piece, following: str | None) -> Piece:
    if piece.get("cases"):
        cases = [Case(when=w, next=following if n == FOLLOWING else n) for w, n in piece["cases"]]
        piece = {**piece, "cases": cases}
    return {"next": following, **piece}


@dataclass
class Shared:
    """What the lowering of all tasks of one document shares."""

    context: CompileContext
    document: Place
    use: Mapping[str, Place]
    """The members of `use`."""
    locals: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    """Functions of `use` that are being lowered."""
    result: Expression | None = None
    """Of the run."""

    def local(self, wanted: str) -> str:
        """Return the name of a local that no other task has."""
        name, number = wanted, 2
        while name in self.locals:
            name, number = f"{wanted} {number}", number + 1
        self.locals.add(name)
        return name

    def used(self, section: str, place: Place) -> Place | None:
        """Return what a name refers to in a section of `use`."""
        name = place.text()
        known = self.use[section].members() if section in self.use else {}
        if name and name not in known:
            place.problem(f"use.{section} has no {name!r:.100}; {', '.join(known) or 'it is empty'}")
        return known.get(name)

    def resolved(self, section: str, place: Place) -> Place | None:
        """Return a definition that stands there, or that a name there refers to."""
        return self.used(section, place) if isinstance(place.value, str) else place


@dataclass(frozen=True)
class Targets:
    """Where `then` may lead from a task."""

    names: Mapping[str, str]
    """The tasks of its list, and the steps at which they begin."""
    following: str | None
    """The step at which the next task begins."""
    leaving: str | None
    """The step that follows the list."""


@dataclass(frozen=True)
class Task:
    """One task, as it is lowered."""

    name: str
    place: Place
    id: str
    """Of its first step; its JSON pointer, but for the task of a function."""
    node: str
    """The JSON pointer that its errors and its steps in the run name."""
    members: Mapping[str, Place]
    kind: str
    outer: Scope
    """Of what stands around it, and of tasks in it: without `$input` and `$task`."""
    scope: Scope
    """Of its definition: over its transformed input."""

    saved: str
    """The local that its transformed input is kept in, where that is needed after its data have changed."""
    targets: Targets

    @property
    def at(self) -> Piece:
        """The fields of its main step that say what it is."""
        return {"node": self.node, "label": self.name}

    def own(self, what: str) -> str:
        """Return the id of a step beside its main one."""
        return f"{self.id}#{what}"


class Lowering(Protocol):
    """What lowers the tasks in tasks."""

    shared: Shared

    def tasks(self, place: Place, scope: Scope, flow: FlowBuilder, leaving: str | None) -> str | None:
        """Add a list of tasks to a flow; return the id at which they begin.

        Args:
            place: of the list.
            scope: of the tasks.
            flow: that they belong to.
            leaving: the id of what follows the list, None for the end of the flow.
        """
        ...

    def task(self, task: Task, flow: FlowBuilder, after: str | None) -> None:
        """Add one task to a flow that goes on at `after`."""
        ...

    def defined(self, name: str, place: Place, outer: Scope, targets: Targets, like: Task | None = None) -> Task | None:
        """Return the task that a place defines; None where it defines none, which is noted.

        Args:
            name: of the task.
            place: of its definition.
            outer: what expressions can read around it.
            targets: where it may lead.
            like: the task that it is run for, as a function.
        """
        ...

    def deadline(self, limit: Place, scope: Scope, node: str) -> dict[str, Any]:
        """Return how long something may take, and what is raised after that."""
        ...

    def flow(self, scope: Scope) -> FlowBuilder:
        """Return a flow in the making, for tasks within a task."""
        ...

    def target(self, directive: Place | None, task: Task, flow: FlowBuilder) -> str | None:
        """Return the id of the step that a `then` leads to; without one, of the task that follows."""
        ...


@dataclass(frozen=True)
class Work:
    """What the lowering of one task has before it."""

    lowering: Lowering
    task: Task
    flow: FlowBuilder
    """Where the task's steps go."""
    after: str | None
    """The id of what follows the task in it."""
