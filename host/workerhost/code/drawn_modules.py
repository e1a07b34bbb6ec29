"""Modules that a compiler made of a drawing: their comments say what the user calls the nodes, and do nothing."""

import io
import re
import tokenize

_FIRST_LINE = re.compile(r"# Compiled from an? .+ drawing by .+\. Change the drawing, not this\.\r?\n")
"""How a module begins that was made of a drawing."""

_TRIPLE_QUOTES = re.compile(r"\"\"\"|'''")

_DOCSTRING = re.compile(r"^[ \t]*\"\"\"[^\"\\\n]*\"\"\"\r?$", re.MULTILINE)
"""A whole line that is one string."""

_COMMENT = re.compile(r"^[ \t\f]*#[^\n]*", re.MULTILINE)
"""A line that is a comment, where no string goes on over the end of the line before."""

_GOES_ON = re.compile(r"\\\r?$", re.MULTILINE)
"""The end of a line with which a string may go on in the next."""


def without_labels(source: str) -> str:
    """Return the source of a module as it counts for the id of a build.

    Of a module that was made of a drawing, comments that stand alone in their lines are left out, but for the first
    line, which names the compiler. Their lines stay as empty ones, so that equal texts have equal line numbers. Every
    other module counts as it is.
    """
    first = _FIRST_LINE.match(source)
    if first is None:
        return source
    rest = source[first.end() :]
    if _may_hold_long_strings(rest):
        return first.group() + _without_comment_tokens(rest)
    return first.group() + _COMMENT.sub("", rest)


def _may_hold_long_strings(source: str) -> bool:
    """Tell whether a string may go on over the end of a line; of what compilers write, none does."""
    quotes, docstrings = len(_TRIPLE_QUOTES.findall(source)), len(_DOCSTRING.findall(source))
    return quotes != 2 * docstrings or _GOES_ON.search(source) is not None


def _without_comment_tokens(source: str) -> str:
    lines = source.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline="\n").readline):
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                lines[token.start[0] - 1] = ""
    except (tokenize.TokenError, SyntaxError):
        return source  # it is no Python, and is refused as it is
    return "\n".join(lines)
