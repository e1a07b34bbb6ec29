"""Texts with `${…}` in them."""

import re
from typing import Final

from workerhost_drawings.javascript.base import MAX_PARTS, MAX_TEMPLATE, ExpressionError

# What is not closed runs to the end of the line or the text, so that no character is looked at twice.
_TOKEN: Final = re.compile(
    r"""(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|/\*.*?(?:\*/|\Z)|//[^\n]*)|[{}`]""", re.DOTALL
)
_IN_BACKTICKS: Final = re.compile(r"\\.|`|\$\{", re.DOTALL)


def split_template(text: str) -> list[tuple[str, str, int]]:
    """Return the parts of a template, `("text", …)` and `("expression", …)`, each with where it begins, from 0.

    Raises:
        ExpressionError: it is too long, has too many `${…}`, or one that is not closed.
    """
    if len(text) > MAX_TEMPLATE:
        raise ExpressionError(f"the text has {len(text)} characters, and {MAX_TEMPLATE} are the most", 1)
    parts: list[tuple[str, str, int]] = []
    done, found = 0, 0
    while (start := text.find("${", done)) >= 0:
        found += 1
        if found > MAX_PARTS:
            raise ExpressionError(f"the text has more than {MAX_PARTS} ${{…}}; make several texts of it", start + 1)
        end = _end(text, start + 2)
        if end < 0:
            reason = 'the "${" is not closed with "}"; the two characters alone are written ${"${"}'
            raise ExpressionError(reason, start + 1)
        if start > done:
            parts.append(("text", text[done:start], done))
        parts.append(("expression", text[start + 2 : end], start + 2))
        done = end + 1
    if done < len(text):
        parts.append(("text", text[done:], done))
    return parts


def _end(text: str, at: int) -> int:
    """Return where the `}` stands that ends an expression, or -1. Braces in texts and comments do not count."""
    around: list[str] = ["{"]
    while around:
        in_text = around[-1] == "`"
        found = (_IN_BACKTICKS if in_text else _TOKEN).search(text, at)
        if found is None:
            return -1
        at = found.end()
        mark = found[0]
        if mark in ("{", "${"):
            around.append("{")
        elif mark == "`" and not in_text:
            around.append("`")
        elif mark in ("`", "}"):
            around.pop()
    return at - 1
