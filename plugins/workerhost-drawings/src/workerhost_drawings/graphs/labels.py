"""Labels of edges: the words of the ways out of nodes that have two, in whatever spelling they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workerhost_drawings.graphs.graph import Ways, reached
from workerhost_drawings.problems import Findings

_TRUE, _FALSE = ("true", "yes"), ("false", "no", "else", "default")
_ON_ERROR = ("error", "errors", "failure", "failed", "fail", "catch", "onerror", "on-error")


@dataclass(frozen=True)
class TwoWays:
    """The words of the two ways out of a node, and how they are spelled."""

    words: tuple[str, str]
    spellings: Mapping[str, str]
    """The word of each spelling, in small letters."""
    one_leads_back: bool = False
    """Whether of two ways without words the one that leads back is the first."""


def _two(first: str, firsts: Sequence[str], second: str, seconds: Sequence[str], *, back: bool = False) -> TwoWays:
    return TwoWays((first, second), {**dict.fromkeys(firsts, first), **dict.fromkeys(seconds, second)}, back)


CONDITION = _two("true", _TRUE, "false", _FALSE)
LOOP = _two("continue", ("continue", "body", "loop", *_TRUE), "done", ("done", "exit", *_FALSE), back=True)


def word_of(node: str, two: TwoWays | None, texts: Sequence[str | None], findings: Findings) -> str:
    """Return the word of a way, in one spelling; nothing where it has none that says anything.

    Args:
        node: out of which the way leads.
        two: the words of its ways; None for a node whose ways have none.
        texts: what is written at the way; the first that says something counts.
        findings: where problems go.
    """
    for text in texts:
        plain = (text or "").strip().lower()
        if two is not None and plain in two.spellings:
            return two.spellings[plain]
        if plain in _ON_ERROR:
            findings.problem(
                f"An edge for errors ({text}) leads out of this node. Drawings have no edges for errors; give the "
                "node a retryPolicy, or look at its result in a condition.",
                *(node, "edges"),
            )
    return ""


def settled(node: str, two: TwoWays, all_ways: Ways, findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return the ways out of a node, each with its word; those that have none take the one that is left.

    Args:
        node: whose they are.
        two: the words of its ways.
        all_ways: of all nodes, as they are labelled.
        findings: where problems go.
    """
    ways = sorted(all_ways[node])
    first, second = two.words
    words = [word for word, _ in ways]
    plain = [target for word, target in ways if not word]
    if len(plain) == 2 and len(ways) == 2 and two.one_leads_back:
        back = [each for each in plain if node in reached(each, all_ways)]
        if len(back) == 1:
            ways = [(first if target == back[0] else second, target) for target in plain]
    elif len(plain) == 1 and words.count(first) + words.count(second) <= 1:
        left = second if first in words else first
        ways = [(word or left, target) for word, target in ways]
    words = [word for word, _ in ways]
    if "" in words:
        findings.problem(f"Label the edges out of this node: {first} and {second}.", node, "edges")
    for word in (first, second):
        if words.count(word) > 1:
            findings.problem(
                f"Several edges labelled {word} lead out of this node. Let one lead to a phase, and all out of that.",
                *(node, "edges"),
            )
    if first not in words and "" not in words:
        findings.problem(f"No edge labelled {first} leads out of this node.", node, "edges")
    return tuple(sorted(ways))
