"""Reads documents that are objects, or texts of JSON or YAML, within bounds: their lists, and the values in them."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from workerhost_drawings.documents.reading import UnreadableError, read_text
from workerhost_drawings.problems import Findings

LONGEST_TEXT = 64 * 1024
"""Characters of one text in a value."""

MOST_BYTES = 4 * 1024**2
"""Of a document that is sent as a text."""

DEEPEST = 30
"""How deep a value may be nested."""

_BEGINS_JSON = ("{", "[", "")
"""How a text begins that is not read as YAML."""

_P = TypeVar("_P", bound=BaseModel)


def read_object(source: object, what: str, findings: Findings) -> dict[str, Any] | None:
    """Return the object that a document is; None where it is none, and the findings say why.

    Args:
        source: the document, or its text in JSON or YAML.
        what: a sentence that says what it should be.
        findings: where problems go.
    """
    if isinstance(source, str):
        if len(source) > MOST_BYTES:
            findings.problem(f"The drawing is larger than {MOST_BYTES // 1024**2} MiB.")
            return None
        try:
            source = json.loads(source) if source.lstrip()[:1] in _BEGINS_JSON else read_text(source)
        except UnreadableError as error:
            findings.problem(f"The drawing cannot be read: {error}.")
            return None
        except json.JSONDecodeError as error:
            findings.problem(f"The drawing is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
            return None
        except (RecursionError, ValueError):
            findings.problem("The drawing is nested too deeply, or holds a number that is too long.")
            return None
    if not isinstance(source, dict):
        findings.problem(what)
        return None
    return source


def read_list(
    form: type[_P], values: object, place: tuple[str, int], findings: Findings, words: Mapping[str, str]
) -> tuple[_P, ...]:
    """Return the parts of a document that a list holds, without those that have not the form.

    Args:
        form: what each is. One that has an `id` is a node, to which its problems belong.
        values: the list, or None for none.
        place: the key at which it stands, and how many it may hold.
        findings: where problems go.
        words: what is said of a field of any wrong form, by its name, in place of the form's own words.
    """
    key, most = place
    if values is None:
        return ()
    if not isinstance(values, list):
        findings.problem(f"`{key}` is a list.", path=key)
        return ()
    if len(values) > most:
        findings.problem(
            f"The drawing has {len(values)} {key}, and {most} are the most. Cut it into child workflows.", path=key
        )
        return ()
    parts = []
    for index, value in enumerate(values):
        try:
            parts.append(form.model_validate(value))
        except ValidationError as error:
            named = value.get("id") if isinstance(value, dict) and "id" in form.model_fields else None
            for each in error.errors():
                path = ".".join((key, str(index), *map(str, each["loc"])))
                reason = words.get(".".join(map(str, each["loc"])), each["msg"])
                findings.problem(f"{reason}.", named[:200] if isinstance(named, str) and named else None, path)
    return tuple(parts)


def check_values(value: dict[str, Any], node: str | None, findings: Findings) -> None:
    """Refuse texts that are too long and values that are nested too deeply, since what follows goes down into them."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        path, each, depth = waiting.pop()
        if isinstance(each, str) and len(each) > LONGEST_TEXT:
            findings.problem(
                f"The text has {len(each)} characters, and {LONGEST_TEXT} are the most.", node, _shown(path)
            )
        elif isinstance(each, str) and not _is_whole(each):
            findings.problem("The text has half a character, a surrogate without the other one.", node, _shown(path))
        elif isinstance(each, float) and each - each != 0:
            findings.problem("JSON has no number like this.", node, _shown(path))
        elif isinstance(each, dict | list) and depth > DEEPEST:
            findings.problem(f"The values of a node are nested {DEEPEST} deep at most.", node, _shown(path))
        elif isinstance(each, dict | list):
            pairs = each.items() if isinstance(each, dict) else enumerate(each)
            if isinstance(each, dict) and not all(_is_whole(key) and len(key) <= 1000 for key in each):
                findings.problem("A key has more than 1000 characters, or half a character.", node, _shown(path))
            waiting += [(f"{path}.{key}" if path else str(key), inner, depth + 1) for key, inner in pairs]


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text) if not text.isascii() else True


def _shown(path: str) -> str:
    return path[:200].encode(errors="replace").decode()
