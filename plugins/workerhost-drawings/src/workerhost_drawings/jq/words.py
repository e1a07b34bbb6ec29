"""The words of jq programs: what functions and variables they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workerhost_drawings.javascript.expressions import ExpressionError

MOST_DEPTH = 200
"""Texts within texts, by `\\(…)`."""

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n]*)
  | (?P<text>")
  | (?P<variable>\$\s*(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*)
  | (?P<field>\.\s*[a-zA-Z_]\w*)
  | (?P<format>@\w+)
  | (?P<word>(?:[a-zA-Z_]\w*::)*[a-zA-Z_]\w*)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_IN_TEXT = re.compile(r'(?P<plain>(?:[^"\\]|\\[^(])+)|(?P<inner>\\\()|(?P<end>")', re.DOTALL)


@dataclass(frozen=True)
class Word:
    """A function or a variable that a program names."""

    kind: str
    """`word` or `variable`."""
    name: str
    """A variable's without the `$`."""
    column: int
    """From 1."""


def words(code: str) -> list[Word]:
    """Return the functions, keywords and variables of a program in their order; no fields and no keys of objects.

    Raises:
        ExpressionError: a text in it does not end or holds texts too deep, or a parenthesis ends that does not begin.
    """
    found = list(_words(code))
    return [each for number, each in enumerate(found) if not _is_key(code, found, number)]


def _words(code: str) -> Iterator[Word]:
    position, depths = 0, [0]  # of parentheses; one entry more for each `\(` that the position is in
    while position < len(code):
        match = _TOKEN.match(code, position)
        if match is None:
            return
        kind, text = str(match.lastgroup), match.group()
        position = match.end()
        if kind in {"word", "variable"}:
            yield Word(kind, text.lstrip("$").strip(), match.start() + 1)
        depths[-1] += {"(": 1, ")": -1}.get(text, 0) if kind == "other" else 0
        if depths == [-1]:
            raise ExpressionError("a parenthesis ends here that does not begin", match.start() + 1)
        left_inner = depths[-1] < 0
        if left_inner:
            depths.pop()
        if kind == "text" or left_inner:
            position, is_inner = _after_text(code, position)
            depths += [0] if is_inner else []
        if len(depths) > MOST_DEPTH:
            raise ExpressionError(f"texts stand in texts more than {MOST_DEPTH} deep", position)


def _after_text(code: str, position: int) -> tuple[int, bool]:
    """Return where a text goes on in which the position is: after its end, or in the first `\\(` of it."""
    while match := _IN_TEXT.match(code, position):
        position = match.end()
        if match.lastgroup != "plain":
            return position, match.lastgroup == "inner"
    raise ExpressionError("a text does not end; a quotation mark would do", position + 1)


def _is_key(code: str, found: list[Word], number: int) -> bool:
    """Tell whether a word is the key of an object, as `now` in `{now: 1}`; `{now}` counts as a function."""
    word = found[number]
    before = code[: word.column - 1].rstrip()
    after = code[word.column - 1 + len(word.name) :].lstrip()
    return word.kind == "word" and before[-1:] in {"{", ","} and after[:1] == ":" and after[:2] != "::"
