"""What the names in expressions of a canvas stand for."""

import re
from collections.abc import Callable, Iterable

from workerhost_drawings.canvas.document import CanvasNode
from workerhost_drawings.flow.program import INPUT
from workerhost_drawings.javascript.scopes import NodeScope

STATE, ENVIRONMENT = "state", "env"

FIXED = {"input": INPUT, "workflow": INPUT, "state": STATE, "variables": STATE, "env": ENVIRONMENT}
"""Names that every expression knows, and the locals that they stand for."""

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda node: node,
    lambda node: f"result_{node}",
    lambda node: re.sub(r"[^A-Za-z0-9_$]", "_", node),
    lambda node: re.sub(r"[^A-Za-z0-9_$]", "_", f"result_{node}"),
)
"""The names of a node's result by its id; earlier ones take precedence over later ones."""


def scope_of(nodes: Iterable[CanvasNode], trigger: str | None) -> NodeScope:
    """Return the names of the results of nodes; that of the trigger is the input."""
    given = {} if trigger is None else {trigger: INPUT}
    return NodeScope(FIXED, given, (each.id for each in nodes), _SPELLINGS)
