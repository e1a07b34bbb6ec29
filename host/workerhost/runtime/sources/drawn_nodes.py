"""What differs between two drawings, node by node, as the code that they became tells it."""

import io
import tokenize
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workerhost.drawing import NodeLine
from workerhost.words import ModuleChangeKind

MOST_LINES = 50_000
"""Lines of a module whose nodes are compared; the largest drawing that is compiled becomes fewer."""

_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
"""Tokens that differ where code of the same meaning stands deeper, or in other lines."""


@dataclass(frozen=True)
class DrawnCode:
    """The code of a workflow that was drawn, and where that of each node begins."""

    workflow: str
    source: str
    map: Sequence[NodeLine]


@dataclass(frozen=True)
class NodeChange:
    """A node that two drawings do not have in common."""

    workflow: str
    node: str
    label: str
    """What the user calls it, or called it where it is gone."""
    kind: ModuleChangeKind


@dataclass
class _Node:
    label: str
    tokens: list[str] = field(default_factory=list)


def compare_nodes(old: DrawnCode, new: DrawnCode) -> list[NodeChange]:
    """Return the nodes that were added, removed or changed, those of the new code first, in the order of their code.

    A node has changed where its label has, or the code from its beginning to that of the node after it; how deep that
    stands, and how its lines are broken, does not count. Nothing is said of code that is too long or no Python.
    """
    before, after = _nodes(old), _nodes(new)
    if before is None or after is None:
        return []
    kinds = {node: ModuleChangeKind.CHANGED if node in before else ModuleChangeKind.ADDED for node in after}
    changes = [
        NodeChange(new.workflow, node, each.label, kinds[node])
        for node, each in after.items()
        if before.get(node) != each
    ]
    gone = [node for node in before if node not in after]
    return [*changes, *(NodeChange(new.workflow, each, before[each].label, ModuleChangeKind.REMOVED) for each in gone)]


def _nodes(code: DrawnCode) -> Mapping[str, _Node] | None:
    """Return the nodes with what stands there for each, in the order of their code."""
    if code.source.count("\n") > MOST_LINES:
        return None
    begins = sorted(code.map, key=lambda each: each.line)
    nodes = [_Node(each.label) for each in begins]
    lines = [each.line for each in begins]
    try:
        for token in tokenize.generate_tokens(io.StringIO(code.source, newline="\n").readline):
            place = bisect_right(lines, token.start[0]) - 1
            if place >= 0 and token.type not in _LAYOUT:
                _add(nodes[place].tokens, token.string)
    except (tokenize.TokenError, SyntaxError):
        return None
    return {each.node: node for each, node in zip(begins, nodes, strict=True)}


def _add(tokens: list[str], text: str) -> None:
    """Add a token. A comma before a closing bracket is there only where the brackets stand in lines of their own."""
    if text in (")", "]", "}") and tokens[-1:] == [","]:
        tokens.pop()
    tokens.append(text)
