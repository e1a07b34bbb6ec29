"""What the lowering of all tasks shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workerhost.drawing import CompileContext
from workerhost_drawings.documents.places import Place
from workerhost_drawings.documents.scope import Scope
from workerhost_drawings.documents.uses import Uses
from workerhost_drawings.flow.building import FlowBuilder, Piece
from workerhost_drawings.flow.expressions import Expression

if TYPE_CHECKING:
    from workerhost_drawings.open_workflow.lowering import Tasks

LONGEST_LOCAL = 500
"""Characters of what a local is called, which a document chooses; numbers come behind it."""


@dataclass
class Shared:
    """What the lowering of all tasks of one document shares."""

    context: CompileContext
    document: Place
    use: Uses
    locals: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    """Functions of `use` that are being lowered."""
    result: Expression | None = None
    """Of the run."""

    def local(self, wanted: str) -> str:
        """Return the name of a local that no other task has."""
        wanted = wanted[:LONGEST_LOCAL]
        name, number = wanted, 2
        while name in self.locals:
            name, number = f"{wanted} {number}", number + 1
        self.locals.add(name)
        return name


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

    def part(self, member: str, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> dict[str, Place]:
        """Return what stands in a member that is an object; nothing where it is not there."""
        return self.members[member].object(allowed, required) if member in self.members else {}

    def own(self, what: str) -> str:
        """Return the id of a step beside its main one."""
        return f"{self.id}#{what}"


@dataclass(frozen=True)
class Work:
    """What the lowering of one task has before it."""

    lowering: "Tasks"
    task: Task
    flow: FlowBuilder
    """Where the task's steps go."""
    after: str | None
    """The id of what follows the task in it."""
