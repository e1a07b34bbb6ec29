"""What code adds to a line, as JSON values of bounded size."""

from collections.abc import Mapping
from typing import Any

MOST_VALUES, DEEPEST = 200, 6
"""Values in all the fields of a line together, and lists or objects in each other."""

LONGEST_TEXT, MOST_CHARACTERS = 2000, 10_000
"""Characters of one text or name, and of all of a line together."""

LARGEST_INTEGER = 2**63
"""What is larger becomes a text: databases and other languages have no such integers."""

LEFT_OUT = "…"
"""Stands for what there is no place for."""


def bounded_fields(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Return fields as JSON values, within bounds; what is no JSON as its text. Never raises."""
    if not fields:
        return {}
    try:
        return _Bounded().object(fields, 1)
    except Exception as error:  # the code of what is to be shown is the project's
        return {LEFT_OUT: f"the fields cannot be shown: {type(error).__name__}"}


def plain_text(text: str) -> str:
    """Return a text that every database takes: without NUL, and without halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:  # the other fields are shown all the same
        return f"{LEFT_OUT} it cannot be shown: {type(error).__name__}"


class _Bounded:
    def __init__(self) -> None:
        self._values = MOST_VALUES
        self._characters = MOST_CHARACTERS

    def object(self, fields: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in fields.items():
            if self._values <= 0 or self._characters <= 0:
                found[LEFT_OUT] = LEFT_OUT
                break
            found[self._text(name if isinstance(name, str) else _shown(name))] = self._value(value, depth)
        return found

    def _value(self, value: Any, depth: int) -> Any:
        self._values -= 1
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return self._text(value)
        if type(value) is int and -LARGEST_INTEGER <= value < LARGEST_INTEGER:
            return value
        if type(value) is float and value - value == 0:  # neither infinite nor no number
            return value
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            return self._many(value, depth)
        return self._text(hex(value) if type(value) is int else _shown(value))

    def _many(self, value: Any, depth: int) -> Any:
        if depth >= DEEPEST:
            return LEFT_OUT
        if isinstance(value, Mapping):
            return self.object(value, depth + 1)
        found: list[Any] = []
        for each in value:
            if self._values <= 0 or self._characters <= 0:
                found.append(LEFT_OUT)
                break
            found.append(self._value(each, depth + 1))
        return found

    def _text(self, text: str) -> str:
        most = max(0, min(LONGEST_TEXT, self._characters))
        self._characters -= len(text)
        return plain_text(text if len(text) <= most else text[:most] + LEFT_OUT)
