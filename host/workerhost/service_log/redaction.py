"""Secrets, which stand in no line of the log."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

MASK = "***"

SHORTEST_SECRET = 6
"""Characters. A shorter value, as a password of four letters, would be found in words that tell nothing of it; where it
stands beside its name or in an address, it is masked all the same."""

DEEPEST = 6
"""How far into fields that hold others is looked; what lies deeper is left out."""

_NAMES = r"passwords?|passwd|pwd|secrets?|tokens?|authorization|api[_-]?keys?|private[_-]?keys?|credentials?|cookies?"
_SECRET_NAME = re.compile(rf"(?:^|[_.-]|(?<=[a-z]))(?:{_NAMES})(?:$|[_.-])", re.IGNORECASE)
_IN_TEXT = (
    # postgresql://name:password@server
    (re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@"), rf"\1:{MASK}@"),
    # Authorization: Bearer abc, also as JSON or a dictionary
    (re.compile(r"(authorization\W{1,4}(?:\w+\s+)?|\bbearer\s+)[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1{MASK}"),
    # password=abc, TEMPORAL_API_KEY: abc, "token": "abc"
    (
        re.compile(rf"((?:{_NAMES})[\"']?\s*[=:]\s*[\"']?)(?!(?:bearer|basic)\s|\*)[^\s\"',;&}})]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
)
_HINTS = (
    "://",
    "bearer",
    "passw",
    "pwd",
    "secret",
    "token",
    "authorization",
    "apikey",
    "api_key",
    "api-key",
    "private",
    "credential",
    "cookie",
)
"""One of these, in small letters, stands in each text that the patterns above find something in."""


class Redactor:
    """Masks secrets in messages and fields. Safe to use from any thread.

    Args:
        values: that must stand nowhere.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = sorted({each for each in values if len(each) >= SHORTEST_SECRET}, key=len, reverse=True)
        alternatives = "|".join(re.escape(each) for each in known)
        self._known = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if known else None

    def finds(self, text: str) -> bool:
        """Tell whether something may have to be masked in the text."""
        small = text.lower()
        return any(hint in small for hint in _HINTS) or (self._known is not None and bool(self._known.search(text)))

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, masked in _IN_TEXT:
            text = pattern.sub(masked, text)
        return text

    def field(self, name: str, value: Any, depth: int = 0) -> Any:
        """Return the value of a field without secrets; all of it is masked where the name is one of a secret."""
        if is_secret_name(name) and value not in (None, ""):
            return MASK
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool | int | float) or value is None:
            return value
        return self._inner(value, depth + 1) if depth < DEEPEST else "…"

    def _inner(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {str(key): self.field(str(key), each, depth) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.field("", each, depth) for each in value]
        return self.text(str(value))


@functools.lru_cache(maxsize=1000)  # names of fields are few, and stand in every line
def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is secret."""
    return _SECRET_NAME.search(name) is not None


def known_secrets(database_url: str, environment: Mapping[str, str]) -> set[str]:
    """Return the values that must stand in no line: the database's password, and all variables that are named so."""
    found = {value for name, value in environment.items() if is_secret_name(name)}
    try:
        password = urlsplit(database_url).password or ""
    except ValueError:  # it is refused elsewhere, with a sentence
        password = ""
    return found | {password, unquote(password)}
