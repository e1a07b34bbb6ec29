"""What readers of nodes know, and the fields of one node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workerhost.drawing import CompileContext
from workerhost_drawings.canvas.document import CanvasNode
from workerhost_drawings.canvas.retries import read_retry
from workerhost_drawings.fields.reader import FieldReader
from workerhost_drawings.fields.triggers import Triggers
from workerhost_drawings.flow.expressions import Expression, JavaScript, Local, Value
from workerhost_drawings.flow.program import QueryForm
from workerhost_drawings.flow.steps import Branch, Case, Raise, Retry, Step
from workerhost_drawings.javascript.scopes import NodeScope
from workerhost_drawings.javascript.uses import Uses
from workerhost_drawings.problems import Findings


@dataclass
class Reading:
    """What readers of nodes know and add to. Belongs to one compilation."""

    context: CompileContext
    findings: Findings
    scope: NodeScope
    ids: Mapping[str, CanvasNode]
    triggers: Triggers
    signals: dict[str, str] = field(default_factory=dict)
    """Signals that webhooks send, and the nodes that say so."""
    updates: dict[str, str] = field(default_factory=dict)
    """Updates that webhooks bring, and the nodes that say so."""
    queries: dict[str, QueryForm] = field(default_factory=dict)
    """Queries that webhooks ask, by name."""
    received: set[str] = field(default_factory=set)
    expecting: set[str] = field(default_factory=set)
    """Signals and updates of which fields are expected."""
    policies: dict[str, Retry] = field(default_factory=dict)
    """Retry policies of nodes, by id, that a node before them brings."""
    policy: Retry | None = None
    """Of every activity that has none."""
    uses: Uses = field(default_factory=Uses)


class Fields(FieldReader):
    """Reads the fields of one node. Each is looked for in `config` first, and in `data` then.

    Args:
        node: whose they are.
        reading: what is known, and where problems go.
    """

    def __init__(self, node: CanvasNode, reading: Reading) -> None:
        config = [("config.", node.config)] if "config" in node.data else []
        super().__init__([*config, ("", node.data)], reading.findings, node.id)
        self.node = node
        self.reading = reading
        self.id = node.id

    def retry(self) -> Retry | None:
        """Return the retry policy of the node: its own, or what the node before brings, or that of all."""
        policy = self.node.data.get("retryPolicy")
        if policy is None:
            return self.reading.policies.get(self.id, self.reading.policy)
        return read_retry(policy, "retryPolicy", self.reading.findings, self.id)

    def step(self, part: str = "") -> dict[str, Any]:
        """Return the id, node and label of a step: of the node's first one, or of a part that follows."""
        identifier = self.id
        if part:
            identifier = f"{self.id}/{part}"
            while identifier in self.reading.ids:
                identifier += "'"
        return {"id": identifier, "node": self.id, "label": self.node.label if not part else ""}

    def where(self, code: str, part: str, step: Step) -> tuple[Step, Step]:
        """Return a branch that leads to a step where an expression is so, and that step."""
        return Branch(**self.step(part), cases=[Case(when=JavaScript(code=code), next=step.id)]), step

    def failure(self, part: str, kind: str, status: int, title: str, detail: str) -> Step:
        """Return the step that ends the run with an error."""
        error = {"type": kind, "status": status, "title": title, "detail": detail, "instance": self.id}
        return Raise(**self.step(part), error=Value(value=error))

    @property
    def local(self) -> str:
        """The local of the node's result."""
        return self.reading.scope.locals[self.id]

    @property
    def reference(self) -> str:
        """A name by which an expression reaches the node's result."""
        return self.reading.scope.reference(self.id)

    @property
    def result(self) -> Expression:
        """The node's result."""
        return Local(name=self.local)
