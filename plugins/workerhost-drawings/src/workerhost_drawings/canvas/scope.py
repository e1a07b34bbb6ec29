"""What the names in expressions of a canvas stand for."""

import re
from collections.abc import Callable, Container, Iterable

from workerhost_drawings.canvas.document import CanvasNode
from workerhost_drawings.flow.program import INPUT

STATE, ENVIRONMENT = "state", "env"

FIXED = {"input": INPUT, "workflow": INPUT, "state": STATE, "variables": STATE, "env": ENVIRONMENT}
"""Names that every expression knows, and the locals that they stand for."""

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(-[A-Za-z0-9_$]+)*")

_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda node: node,
    lambda node: f"result_{node}",
    lambda node: re.sub(r"[^A-Za-z0-9_$]", "_", node),
    lambda node: re.sub(r"[^A-Za-z0-9_$]", "_", f"result_{node}"),
)
"""The names of a node's result by its id; earlier ones take precedence over later ones."""


class Scope:
    """The locals of a drawing's nodes, and the names by which expressions know them.

    Args:
        nodes: those that have a result, in an order that depends on ids alone.
        trigger: whose result is the input.
    """

    def __init__(self, nodes: Iterable[CanvasNode], trigger: str | None) -> None:
        self.locals: dict[str, str] = {} if trigger is None else {trigger: INPUT}
        """The locals of results, by the ids of nodes."""
        ids = sorted(each.id for each in nodes)
        for each in ids:
            self.locals[each] = _free(f"result_{each}", ids) if each in FIXED else each
        self._names: dict[str, str] = {}
        for spelling in _SPELLINGS:
            self._add({each: spelling(each) for each in self.locals})
        self._items: dict[str, str] = {}
        self._references: dict[str, str] = {}
        for name, local in self._names.items():
            self._references.setdefault(local, name)

    def _add(self, names: dict[str, str]) -> None:
        """Take up names that are not taken and that stand for one node alone."""
        wanted = list(names.values())
        for node, name in names.items():
            if name not in FIXED and name not in self._names and wanted.count(name) == 1 and _NAME.fullmatch(name):
                self._names[name] = self.locals[node]

    def local(self, node: str) -> str:
        """Return the local that holds the result of a node."""
        return self.locals[node]

    def reference(self, node: str) -> str:
        """Return a name by which an expression reaches the result of a node."""
        local = self.locals[node]
        if local not in self._references:
            name = _free("result", self.names)
            self._names[name] = local
            self._references[local] = name
        return self._references[local]

    def helper(self, name: str) -> str:
        """Return a local that no node has, for a value between steps."""
        return _free(name, set(self.locals.values()) | set(FIXED.values()))

    def item(self, name: str) -> str:
        """Let expressions know the item of a loop, or its number, by its name; return the local that holds it."""
        self._items[name] = self.helper(name)
        return self._items[name]

    @property
    def names(self) -> dict[str, str]:
        """All names; those of items hide those of nodes."""
        return dict(sorted({**FIXED, **self._names, **self._items}.items()))


def _free(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken, and begins with this one."""
    while name in taken:
        name += "_"
    return name
