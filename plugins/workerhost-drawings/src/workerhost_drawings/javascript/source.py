"""The text of an expression and its syntax tree."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from workerhost_drawings.javascript.base import MAX_EXPRESSION, ExpressionError

_LANGUAGE: Final = Language(tree_sitter_javascript.language())
_DASHED: Final = re.compile(r"(?<![\w$])(?:[^\W\d]|\$)[\w$]*(?:-+[\w$]+){1,20}")
_LONGEST_NAME: Final = 1000
_PATIENCE: Final = 30
"""Reports of the parser's progress, while it mends a text that is broken."""
_PRIVATE: Final = range(0xE000, 0xF8FF)


@dataclass(frozen=True)
class Source:
    """An expression. The parser sees it in round brackets, and with each `-` of a known name as another character."""

    data: bytes
    before: int
    """Characters of the template before the expression."""
    dash: str
    """What stands for `-` in known names."""

    def text(self, node: Node) -> str:
        """Return the text of a node, as it was written."""
        return self.between(node.start_byte, node.end_byte)

    def between(self, start: int, end: int) -> str:
        """Return the text from a byte to another, as it was written."""
        found = self.data[start:end].decode("utf-8", "surrogatepass")
        return found.replace(self.dash, "-") if self.dash else found

    def column(self, node: Node) -> int:
        """Return where a node begins, in characters from 1."""
        return self.column_at(node.start_byte)

    def column_at(self, position: int) -> int:
        """Return the character that a byte belongs to, from 1."""
        known = min(max(position, 1), len(self.data) - 2)
        return self.before + len(self.data[1:known].decode("utf-8", "replace")) + 1

    def error(self, reason: str, node: Node) -> ExpressionError:
        """Return the error that refuses a node."""
        return ExpressionError(reason, self.column(node))


def parsed(text: str, names: Container[str], before: int = 0) -> tuple[Source, Node]:
    """Return an expression and the root of its syntax tree.

    Args:
        text: the expression.
        names: those that are known; where one may begin, the longest that fits is one name, though it holds `-`.
        before: characters of the template before the expression.

    Raises:
        ExpressionError: it is empty, too long, or no expression.
    """
    if len(text) > MAX_EXPRESSION:
        reason = f"the expression has {len(text)} characters, and {MAX_EXPRESSION} are the most"
        raise ExpressionError(reason, before + 1)
    if not text.strip():
        raise ExpressionError("the expression is empty; a value such as input.id may stand here", before + 1)
    masked, dash = _masked(text, names)
    source = Source(f"({masked}\n)".encode("utf-8", "surrogatepass"), before, dash)
    root = _tree(source)
    if root.has_error:
        raise _syntax_error(source, root)
    return source, _only_expression(source, root)


def _tree(source: Source) -> Node:
    """Return the root of the syntax tree; the parser gives up on a text that is broken in very many places."""
    broken = 0

    def gives_up(offset: int, has_error: bool) -> bool:  # noqa: ARG001, FBT001  the parser calls it so
        nonlocal broken
        broken += has_error
        return broken > _PATIENCE

    try:
        tree = Parser(_LANGUAGE).parse(lambda at, _: source.data[at : at + 65_536], progress_callback=gives_up)
    except ValueError:
        raise ExpressionError(
            "this is no JavaScript expression; it is broken in many places", source.before + 1
        ) from None
    return tree.root_node


def _masked(text: str, names: Container[str]) -> tuple[str, str]:
    """Return the text with another character for each `-` that belongs to a known name, and that character."""
    if "-" not in text:
        return text, ""
    dash = next(character for character in map(chr, _PRIVATE) if character not in text)
    pieces: list[str] = []
    done = 0
    while found := _DASHED.search(text, done):
        name = None if _is_member(text, found.start()) else _longest(found[0], names)
        end = found.start() + len(name) if name else _first_dash(text, found.start())
        piece = text[found.start() : end]
        pieces += (text[done : found.start()], piece.replace("-", dash) if name else piece)
        done = end
    masked = "".join(pieces) + text[done:]
    return masked, dash if dash in masked else ""


def _first_dash(text: str, start: int) -> int:
    return text.index("-", start) + 1


def _longest(found: str, names: Container[str]) -> str | None:
    """Return the longest known name that a text such as `a-b-c` begins with, if it holds a `-`."""
    end = len(found)
    while "-" in found[:end]:
        if end <= _LONGEST_NAME and found[end - 1] != "-" and found[:end] in names:
            return found[:end]
        end = found.rindex("-", 0, end)
    return None


def _is_member(text: str, start: int) -> bool:
    """Return whether what begins there is the name of a member: behind a point, but not behind `...`."""
    while start > 0 and text[start - 1].isspace():
        start -= 1
    return text[max(start - 1, 0) : start] == "." and text[max(start - 3, 0) : start] != "..."


def _only_expression(source: Source, root: Node) -> Node:
    statements = [child for child in root.named_children if child.type != "comment"]
    last = statements[-1] if statements else root
    if len(statements) != 1 or last.type != "expression_statement":
        raise source.error("one expression is needed here, and this is something else", last)
    found = _inside(last)
    whole = found.end_byte == len(source.data) and found.start_byte == 0
    if found.type != "parenthesized_expression" or not whole:
        raise source.error("a bracket is closed here that was not opened before", found)
    return found


def _inside(node: Node) -> Node:
    return next(child for child in node.named_children if child.type != "comment")


def walk(root: Node) -> Iterator[Node]:
    """Yield a node and all below it, in their order in the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _syntax_error(source: Source, root: Node) -> ExpressionError:
    bad = next((node for node in walk(root) if node.is_error or node.is_missing), root)
    if bad.is_missing:
        return source.error(f'"{bad.type}" is missing here', bad)
    inner = [child for child in bad.children if child.start_byte > 0]
    at = inner[0] if bad.start_byte == 0 and inner else bad
    shown = source.between(at.start_byte, min(at.end_byte, len(source.data) - 2)).strip()
    if not shown:
        return source.error("the expression ends too early, or holds what JavaScript does not know", at)
    return source.error(f'this is no JavaScript expression at "{shown[:40]}"', at)
