"""Which files are drawings, and in which format: their content says it, since any file may end with `.json`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workerhost.drawing import Drawing
from workerhost.errors import ConfigurationError

ENDINGS = (".json", ".yaml", ".yml")
"""How the names of drawings end."""

LARGEST_DRAWING = 4 * 1024**2
"""Bytes of a drawing; no call takes more."""

NO_DRAWING = "it is no drawing"

_OPEN_WORKFLOW = re.compile(r"""^["']?document["']?[ \t]*:.*?\bdsl["']?[ \t]*:""", re.MULTILINE | re.DOTALL)
_CANVAS = re.compile(
    r"""^["']?nodes["']?[ \t]*:|^["']?definition["']?[ \t]*:[ \t]*\n(?:[ \t].*\n|\n)*?[ \t]+["']?nodes["']?[ \t]*:""",
    re.MULTILINE,
)
_FLOW = re.compile(r"""^["']?flow["']?[ \t]*:""", re.MULTILINE)
_LOOKS_DRAWN = re.compile(r'"(?:nodes|dsl|flow)"\s*:')


def read_drawing(path: Path) -> Drawing | str:
    """Return the drawing in a file, or why it holds none.

    A JSON document is its value; YAML stays the text that it is, and its compiler reads it.

    Raises:
        ConfigurationError: it cannot be read, or is a drawing whose JSON is broken, as one that is being written.
    """
    try:
        if path.stat().st_size > LARGEST_DRAWING:
            return f"it is larger than {LARGEST_DRAWING // 1024**2} MiB"
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from error
    if path.suffix != ".json":
        found = _format_of_text(text)
        return Drawing(found, text) if found else NO_DRAWING
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _LOOKS_DRAWN.search(text):
            why = f"{error.msg} in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else str(error)
            raise ConfigurationError(f"{path.name} is not valid JSON: {why}") from error
        return "it is not valid JSON"
    found = _format_of_value(document)
    return Drawing(found, document) if found else NO_DRAWING


def _format_of_value(document: Any) -> str | None:
    if not isinstance(document, Mapping):
        return None
    head, definition = document.get("document"), document.get("definition")
    if isinstance(head, Mapping) and "dsl" in head:
        return "open-workflow"
    if isinstance(document.get("nodes"), list):
        return "canvas"
    if isinstance(definition, Mapping) and isinstance(definition.get("nodes"), list):
        return "canvas"
    return "flow" if isinstance(document.get("flow"), Mapping) else None


def _format_of_text(text: str) -> str | None:
    """Return the format of a YAML document by its first keys; nothing is parsed that may be none of ours."""
    forms = {"open-workflow": _OPEN_WORKFLOW, "canvas": _CANVAS, "flow": _FLOW}
    return next((name for name, form in forms.items() if form.search(text)), None)
