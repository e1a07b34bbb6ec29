"""JSON as JavaScript reads and writes it."""

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic_core import from_json

_INDENT = "  "


def parse_json(text: str | bytes) -> Any:
    """Read strict JSON; a ValueError says what is wrong, with line and column."""
    return from_json(text, allow_inf_nan=False)


def stringify(value: Any, margin: str = "\n") -> str:
    """Write `value` as `JSON.stringify(value, null, 2)` does; `margin` starts each further line."""
    match value:
        case dict():
            return _block("{", _members(value, margin + _INDENT), "}", margin)
        case list():
            return _block("[", [stringify(item, margin + _INDENT) for item in value], "]", margin)
        case float():
            return _number(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _members(value: Mapping[str, Any], margin: str) -> list[str]:
    return [f"{json.dumps(key, ensure_ascii=False)}: {stringify(item, margin)}" for key, item in value.items()]


def _block(opening: str, items: Iterable[str], closing: str, margin: str) -> str:
    inner = ("," + margin + _INDENT).join(items)
    return f"{opening}{margin}{_INDENT}{inner}{margin}{closing}" if inner else opening + closing


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)), "f")
    mantissa, exponent = repr(value).split("e")
    return f"{mantissa}e{int(exponent):+d}"
