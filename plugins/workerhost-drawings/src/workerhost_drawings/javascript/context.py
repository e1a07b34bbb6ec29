"""The compilation of one expression."""

import ast
import difflib
import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from workerhost_drawings.javascript.base import MAX_DEPTH, ExpressionError, Scope
from workerhost_drawings.javascript.source import Source

Handler = Callable[["Context", Node], ast.expr]

_TAKEN: Final = frozenset((*keyword.kwlist, *keyword.softkwlist, "self", "js", "jq", "workflow", "None"))
_UNREACHABLE: Final = re.compile(r"__.*__|constructor|prototype|__(?:define|lookup)[GS]etter__", re.DOTALL)


@dataclass
class Context:
    """What is known while an expression is compiled. Belongs to one compilation.

    Args:
        source: the expression.
        scope: what names outside of it stand for.
        handlers: what compiles each type of node.
    """

    source: Source
    scope: Scope
    handlers: Mapping[str, Handler]
    local: dict[str, ast.expr] = field(default_factory=dict)
    """What the names of the parameters of functions stand for."""
    taken: list[str] = field(default_factory=list)
    """Python names of the parameters around."""
    level: int = 0

    def expr(self, node: Node) -> ast.expr:
        """Return what a node becomes.

        Raises:
            ExpressionError: it is not supported.
        """
        handler = self.handlers.get(node.type)
        if handler is None:
            raise self.error(f'"{self.shown(node)}" is not supported in expressions', node)
        with self.deeper(node):
            return handler(self, node)

    @contextmanager
    def deeper(self, node: Node) -> Iterator[None]:
        """Go one level down.

        Raises:
            ExpressionError: that is too deep.
        """
        self.level += 1
        if self.level > MAX_DEPTH:
            reason = f"the expression is nested more than {MAX_DEPTH} levels deep; make several of it"
            raise self.error(reason, node)
        yield
        self.level -= 1

    def error(self, reason: str, node: Node) -> ExpressionError:
        """Return the error that refuses a node."""
        return self.source.error(reason, node)

    def text(self, node: Node) -> str:
        """Return the text of a node."""
        return self.source.text(node)

    def shown(self, node: Node) -> str:
        """Return the beginning of a node's text, for errors."""
        text = self.text(node)
        return text if len(text) <= 40 else f"{text[:40]}…"

    def is_known(self, name: str) -> bool:
        """Return whether a name is one of the scope or a parameter; such a one hides JavaScript's own."""
        return name in self.local or name in self.scope.names

    def member_name(self, name: str, node: Node) -> str:
        """Return the name of a member, if it may be read.

        Raises:
            ExpressionError: it belongs to the machinery of JavaScript or Python.
        """
        if _UNREACHABLE.fullmatch(name):
            raise self.error(f'the member "{name}" cannot be read: it is no data', node)
        if "\\" in name:
            raise self.error("a name is written without \\ here", node)
        return name

    @contextmanager
    def parameters(self, names: Mapping[str, ast.expr], taken: list[str]) -> Iterator[None]:
        """Let names stand for something while the body of a function is compiled."""
        outer, self.local = self.local, {**self.local, **names}
        self.taken += taken
        yield
        self.local = outer
        del self.taken[len(self.taken) - len(taken) :]

    def python_name(self, wished: str, beside: list[str]) -> str:
        """Return a Python name for a parameter that nothing around it has."""
        name = re.sub(r"\W", "_", wished, flags=re.ASCII).lstrip("_") or "it"
        name = f"n{name}" if name[0].isdigit() else name
        used = {*self.taken, *beside, *self.scope.names.values()}
        while name in used or name in _TAKEN:
            name += "_"
        return name

    def near(self, name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        """Return `; near names: …` for those that a misspelt name may mean, or nothing."""
        found = difflib.get_close_matches(name[:100], list(known)[:10_000], n=3)
        return f"; near names: {', '.join(found)}" if found else ""


def children(node: Node) -> list[Node]:
    """Return the named children of a node that are no comments."""
    return [child for child in node.named_children if child.type != "comment"]


def field_of(node: Node, name: str) -> Node:
    """Return a child that the grammar always has."""
    child = node.child_by_field_name(name)
    if child is None:
        raise ValueError(f"a {node.type} without {name}")
    return child


def bare(node: Node) -> Node:
    """Return a node without the round brackets around it."""
    while node.type == "parenthesized_expression":
        node = children(node)[0]
    return node
