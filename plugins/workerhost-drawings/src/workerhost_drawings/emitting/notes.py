"""Comments: a line for each node, put in after formatting, so that what a label says cannot change any other line."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from workerhost_drawings.emitting.syntax import name, statement
from workerhost_drawings.flow.steps import Step

LONGEST = 200
"""Characters of a comment."""

_PLACE = "_note_here_"
_PLACED = re.compile(rf"(?P<indent>\s*){_PLACE}(?P<number>\d+)")
_COMMENTED = re.compile(rf"(?P<indent>\s*)# {_PLACE}(?P<number>\d+)")


@dataclass(frozen=True)
class NotedNode:
    """Where the code of a node begins."""

    node: str
    line: int
    label: str


@dataclass(frozen=True)
class PlacedLines:
    """The lines of a module with their comments."""

    text: list[str]
    nodes: list[NotedNode]


class Notes:
    """The comments of one module, by the number that stands for each until the code has its form."""

    def __init__(self) -> None:
        self._notes: list[tuple[str | None, str]] = []
        self._nodes: set[str] = set()

    def of_node(self, step: Step) -> list[ast.stmt]:
        """Return the comment of a step's node: nothing for the second step of one node, or for a step of none."""
        if step.node is None or step.node in self._nodes:
            return []
        self._nodes.add(step.node)
        return [self._add(step.node, step.label)]

    def remark(self, text: str) -> ast.stmt:
        """Return a comment that belongs to no node."""
        return self._add(None, text)

    def placed(self, lines: Iterable[str]) -> PlacedLines:
        """Put the comments into the lines of formatted code."""
        text: list[str] = []
        nodes: list[NotedNode] = []
        for line in lines:
            match = _COMMENTED.fullmatch(line)
            if match is None:
                text.append(line)
                continue
            node, label = self._notes[int(match["number"])]
            text.append(f"{match['indent']}# {one_line(label) or one_line(node or '') or '-'}")
            if node is not None:
                nodes.append(NotedNode(node, len(text), label))
        return PlacedLines(text, nodes)

    def _add(self, node: str | None, text: str) -> ast.stmt:
        self._notes.append((node, text))
        return statement(name(f"{_PLACE}{len(self._notes) - 1}"))


def as_comments(code: str) -> str:
    """Return unparsed code with the statements that stand for comments made comments, which formatting keeps."""
    return "\n".join(
        f"{match['indent']}# {line.strip()}" if (match := _PLACED.fullmatch(line)) else line
        for line in code.split("\n")
    )


def one_line(text: str) -> str:
    """Return a text as it may stand in a comment: one line of printable characters, not too long."""
    short = text[: LONGEST * 4]
    words = "".join(each if each.isprintable() else " " for each in short).split()
    made = " ".join(words)
    return made if len(made) <= LONGEST else f"{made[: LONGEST - 1]}…"
