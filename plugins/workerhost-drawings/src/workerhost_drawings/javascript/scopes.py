"""The names by which expressions know what nodes have come to."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(-[A-Za-z0-9_$]+)*")


class NodeScope:
    """The locals of a drawing's nodes, and the names by which expressions know them.

    Args:
        fixed: names that every expression knows, and the locals that they stand for.
        given: locals of nodes that are there already, by the ids of the nodes.
        ids: of the nodes that have a result beside those.
        spellings: make names of a node's result of its id; earlier ones take precedence over later ones, and the second
            one also makes the local of a node whose id is a fixed name.
    """

    def __init__(
        self,
        fixed: Mapping[str, str],
        given: Mapping[str, str],
        ids: Iterable[str],
        spellings: Sequence[Callable[[str], str]],
    ) -> None:
        self._fixed = fixed
        self.locals = dict(given)
        """The locals of results, by the ids of nodes."""
        nodes = sorted(ids)
        for each in nodes:
            self.locals[each] = _free(spellings[1](each), nodes) if each in fixed else each
        self._names: dict[str, str] = {}
        for spelling in spellings:
            self._add({each: spelling(each) for each in self.locals})
        self._items: dict[str, str] = {}
        self._references: dict[str, str] = {}
        for name, local in self._names.items():
            self._references.setdefault(local, name)

    def _add(self, names: dict[str, str]) -> None:
        """Take up names that are not taken and that stand for one node alone."""
        wanted = Counter(names.values())
        for node, name in names.items():
            if name not in self._fixed and name not in self._names and wanted[name] == 1 and _NAME.fullmatch(name):
                self._names[name] = self.locals[node]

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
        return _free(name, set(self.locals.values()) | set(self._fixed.values()))

    def item(self, name: str) -> str:
        """Let expressions know the item of a loop, or its number, by its name; return the local that holds it."""
        self._items[name] = self.helper(name)
        return self._items[name]

    @property
    def names(self) -> dict[str, str]:
        """All names; those of items hide those of nodes."""
        return dict(sorted({**self._fixed, **self._names, **self._items}.items()))


def _free(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken, and begins with this one."""
    while name in taken:
        name += "_"
    return name
