"""JSON: texts of values, values of texts, and what may leave the run."""

import json
import math
import re
from typing import Any

from workerhost_drawings.v1.js.numbers import integer, number, text
from workerhost_drawings.v1.js.objects import ordered
from workerhost_drawings.v1.js.values import (
    JavaScriptError,
    Size,
    as_double,
    bounded_text,
    undefined,
    whole,
)

_LONE = re.compile("[\ud800-\udfff]")


def stringify(value: Any = undefined, replacer: Any = undefined, space: Any = undefined) -> Any:
    """Return `JSON.stringify(value, null, space)`; undefined of undefined.

    Args:
        value: what is written.
        replacer: null, or an array of the keys that are written.
        space: how far members are indented, as a number or a text.
    """
    only = [text(key) for key in replacer] if type(replacer) is list else None
    if type(space) is str:
        indent = space[:10]
    else:
        indent = " " * int(min(max(integer(space), 0), 10)) if type(space) in (int, float) else ""
    written = _written(value, only, indent, "\n", (0, Size("JSON.stringify")))
    return undefined if written is None else bounded_text(written)


def _written(value: Any, only: list[str] | None, indent: str, line: str, place: tuple[int, Size]) -> str | None:
    kind = type(value)
    if kind is str:
        place[1].text(value)
        return quoted(value)
    if kind is int or kind is float:
        return text(value) if math.isfinite(as_double(value)) else "null"
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is dict or kind is list:
        depth, size = place
        size.items(value, depth)
        return _collection(value, only, indent, line, (depth + 1, size))
    return None


def _collection(value: Any, only: list[str] | None, indent: str, line: str, place: tuple[int, Size]) -> str:
    inner = line + indent
    if type(value) is list:
        parts = [_written(each, only, indent, inner, place) or "null" for each in value]
    else:
        keys = ordered(value) if only is None else [key for key in dict.fromkeys(only) if key in value]
        members = ((key, _written(value[key], only, indent, inner, place)) for key in keys)
        colon = ": " if indent else ":"
        parts = [f"{quoted(key)}{colon}{member}" for key, member in members if member is not None]
    before, after = "[]" if type(value) is list else "{}"
    if not parts:
        return before + after
    if not indent:
        return f"{before}{','.join(parts)}{after}"
    return f"{before}{inner}{(',' + inner).join(parts)}{line}{after}"


def quoted(value: str) -> str:
    """Return a text as JSON writes it, with half characters escaped."""
    return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def parse(value: Any = undefined) -> Any:
    """Return `JSON.parse(value)`.

    Raises:
        JavaScriptError: the text is no JSON.
    """
    read = text(value)
    try:
        return _DECODER.decode(read)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise JavaScriptError("SyntaxError", f"JSON.parse was given a text that is no JSON: {reason}") from None


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _whole_number(digits: str) -> int | float:
    return -0.0 if digits == "-0" else number(int(digits) if len(digits) < 400 else float(digits))


_DECODER = json.JSONDecoder(
    parse_constant=_refused, parse_int=_whole_number, parse_float=lambda digits: whole(float(digits))
)


def plain(value: Any) -> Any:
    """Return what may leave the run as JSON.

    Members that are undefined are left out; undefined itself, NaN and the infinities are None, as JSON.stringify has
    it. A whole number below 1e21 is an int. Half characters, which UTF-8 cannot hold, become U+FFFD.

    Raises:
        JavaScriptError: values stand in values more than `MAX_DEPTH` deep, or there are too many.
    """
    return _plain(value, 0, Size("what leaves the run"))


def _plain(value: Any, depth: int, size: Size) -> Any:
    kind = type(value)
    if kind is str:
        size.text(value)
        return value if value.isascii() else _LONE.sub("\ufffd", value)
    if kind is dict or kind is list:
        size.items(value, depth)
        if kind is list:
            return [_plain(each, depth + 1, size) for each in value]
        return {
            _plain(key, 0, size): _plain(item, depth + 1, size) for key, item in value.items() if item is not undefined
        }
    if kind is float:
        return _plain_number(value)
    return None if value is undefined else value


def _plain_number(value: float) -> int | float | None:
    if not math.isfinite(value):
        return None
    return int(value) if abs(value) < 1e21 and value.is_integer() else value
