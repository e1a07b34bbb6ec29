"""Answers of the API as text, with masks for what differs from run to run."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import Flask

MASKS = (
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>"),
    (r"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "since <time>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<run>"),
    (r"\bsmoke-[0-9a-f]{12}-[0-9a-f]{8}\b", "<smoke>"),
    (r"\b[0-9a-f]{32}\b", "<build>"),
    (r"\b[0-9a-f]{12}\b", "<host or move>"),
    (r'"(durationMs|ageMs|processId|historyLength)":\d+', r'"\1":<number>'),
    (r'"(machine|version)":"[^"]*"(?=,"(?:processId|status|hooks)")', r'"\1":"<text>"'),
    (r'"event":\{"id":\d+,"type":"\w+"\}', '"event":{"id":<number>,"type":"<text>"}'),
    (r"at event \d+ \(\w+\)", "at event <number> (<text>)"),
    (r'"cursor":"[^"]+"', '"cursor":"<text>"'),
    (r"127\.0\.0\.1:\d+", "<address>"),
)


class Wire:
    """Calls an application, and keeps the text of every answer with its masks.

    Args:
        app: the control API.
    """

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self._texts: dict[str, list[str]] = {}
        self.answers: list[str] = []

    def call(self, method: str, path: str, body: Any = None, shown: Callable[[Any], Any] | None = None) -> Any:
        """Make a call, keep its answer, and return that.

        Args:
            method: of HTTP.
            path: of the call.
            body: sent as JSON.
            shown: picks the part that is kept, where the rest depends on the machine.
        """
        answer = self._client.open(path, method=method, json=body)
        text = answer.get_data(as_text=True)
        values = answer.get_json()
        if shown:
            text = json.dumps(shown(values), separators=(",", ":")) + "\n"
        self.answers.append(self._mask(f"{method} {path}\n{answer.status_code} {text}"))
        return values

    def look(self, path: str) -> Any:
        """Return an answer that is not kept."""
        return self._client.get(path).get_json()

    def _mask(self, text: str) -> str:
        """Hide what differs from run to run; the same build has the same number each time."""
        for pattern, name in MASKS:
            if not name.startswith("<") or name == "<time>":
                text = re.sub(pattern, name, text)
                continue
            for found in re.findall(pattern, text):
                known = self._texts.setdefault(name, [])
                if found not in known:
                    known.append(found)
                text = text.replace(found, f"{name[:-1]} {known.index(found) + 1}>")
        return text


def has_build(wire: Wire, path: str) -> bool:
    """Tell whether an execution has done its first task."""
    return wire.look(path)["buildId"] is not None
