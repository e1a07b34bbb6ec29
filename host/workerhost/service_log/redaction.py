"""Secrets, which stand in no line of the service's log."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from workerhost.redaction import REDACTED, Redactor
from workerhost.redaction import is_secret_name as looks_secret

SHORTEST_SECRET = 6
"""Characters of a known value. A shorter one, as a password of four letters, is found in words that tell nothing of it;
where it stands beside its name or in an address, it is taken out all the same."""

DEEPEST = 6
"""How far into fields that hold others is looked; what lies deeper is left out."""

_NAMED = re.compile(
    r"((?:password|passwd|secret|token|api[_-]?key)[\"']?\s?[=:]\s?[\"']?)(?!\[redacted|\d{3} in \d)[^\s\"',;&})]+",
    re.IGNORECASE,
)
"""`password=abc`, `TEMPORAL_API_KEY: abc`, `"token": "abc"`; but no status, as in `/hooks/a/token: 200 in 3.1 ms`."""

_HINTS = ("passw", "secret", "token", "key")
"""One of these, in small letters, is in every text that the pattern fits."""

is_secret_name = functools.lru_cache(maxsize=1000)(looks_secret)
"""Names of fields are few, and stand in every line."""


class LineRedactor(Redactor):
    """Takes secrets out of messages and fields of lines. Safe to use from any thread.

    Args:
        secrets: values that must stand nowhere, as words of their own.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        known = sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, known))
        self._words = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)") if known else None

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        text = super().text(text if self._words is None else self._words.sub(REDACTED, text))
        small = text.lower()
        return _NAMED.sub(rf"\1{REDACTED}", text) if any(hint in small for hint in _HINTS) else text

    def field(self, name: str, value: Any, depth: int = 0) -> Any:
        """Return the value of a field as JSON and without secrets; nothing of it where the name is one of a secret."""
        if is_secret_name(name) and value not in (None, ""):
            return REDACTED
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


def known_secrets(database_url: str, environment: Mapping[str, str]) -> set[str]:
    """Return the values that must stand in no line: the database's password, and all variables that are named so."""
    found = {value for name, value in environment.items() if is_secret_name(name)}
    try:
        password = urlsplit(database_url).password or ""
    except ValueError:  # it is refused elsewhere, with a sentence
        password = ""
    return found | {password, unquote(password)}
