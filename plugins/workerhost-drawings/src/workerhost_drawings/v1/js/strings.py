"""The methods of texts. Positions count UTF-16 units, as in JavaScript."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from workerhost_drawings.v1.js.callbacks import caller
from workerhost_drawings.v1.js.numbers import WHITESPACE, integer, is_nan, text
from workerhost_drawings.v1.js.positions import place
from workerhost_drawings.v1.js.values import (
    INFINITY,
    MAX_TEXT,
    NAN,
    bounded_items,
    bounded_text,
    joined,
    range_error,
    undefined,
    units,
)


def _clamped(value: Any, length: int, default: float = 0) -> int:
    return int(min(max(integer(value, default), 0), length))


def _char_at(value: str, index: Any = undefined) -> str:
    read, at = units(value), integer(index)
    return read[int(at)] if 0 <= at < len(read) else ""


def _char_code_at(value: str, index: Any = undefined) -> int | float:
    found = _char_at(value, index)
    return ord(found) if found else NAN


def _code_point_at(value: str, index: Any = undefined) -> Any:
    read, at = units(value), integer(index)
    return ord(joined(read[int(at) : int(at) + 2])[0]) if 0 <= at < len(read) else undefined


def _at(value: str, index: Any = undefined) -> Any:
    read, at = units(value), integer(index)
    at = at + len(read) if at < 0 else at
    return read[int(at)] if 0 <= at < len(read) else undefined


def _slice(value: str, start: Any = undefined, end: Any = undefined) -> str:
    read = units(value)
    return joined(read[place(start, len(read)) : place(end, len(read), INFINITY)])


def _substring(value: str, start: Any = undefined, end: Any = undefined) -> str:
    read = units(value)
    first, last = sorted((_clamped(start, len(read)), _clamped(end, len(read), INFINITY)))
    return joined(read[first:last])


def _substr(value: str, start: Any = undefined, length: Any = undefined) -> str:
    read = units(value)
    first = place(start, len(read))
    return joined(read[first : first + _clamped(length, len(read), INFINITY)])


def _index_of(value: str, sought: Any = undefined, start: Any = undefined) -> int:
    read = units(value)
    return read.find(units(text(sought)), _clamped(start, len(read)))


def _last_index_of(value: str, sought: Any = undefined, start: Any = undefined) -> int:
    read, part = units(value), units(text(sought))
    last = len(read) if is_nan(start) else _clamped(start, len(read))
    return read.rfind(part, 0, last + len(part))


def _includes(value: str, sought: Any = undefined, start: Any = undefined) -> bool:
    return _index_of(value, sought, start) >= 0


def _starts_with(value: str, sought: Any = undefined, start: Any = undefined) -> bool:
    read = units(value)
    return read.startswith(units(text(sought)), _clamped(start, len(read)))


def _ends_with(value: str, sought: Any = undefined, end: Any = undefined) -> bool:
    read = units(value)
    return read[: _clamped(end, len(read), INFINITY)].endswith(units(text(sought)))


def _split(value: str, separator: Any = undefined, limit: Any = undefined) -> list[Any]:
    most = 2**32 - 1 if limit is undefined else int(integer(limit)) % 2**32 if abs(integer(limit)) < INFINITY else 0
    if separator is undefined:
        return [value][:most]
    read, by = units(value), units(text(separator))
    return bounded_items([joined(part) for part in (read.split(by) if by else list(read))[:most]])


def _replacement(by: Any, found: str, at: int, read: str) -> str:
    if callable(by):
        return units(text(caller(by, 3)(joined(found), at, joined(read))))
    means = {"$$": "$", "$&": found, "$`": read[:at], "$'": read[at + len(found) :]}
    result, rest = "", units(text(by))
    while "$" in rest:
        before, _, after = rest.partition("$")
        pair = "$" + after[:1]
        result += before + means.get(pair, "$")
        rest = after[1:] if pair in means else after
    return result + rest


def _replace(value: str, sought: Any = undefined, by: Any = undefined) -> str:
    read, part = units(value), units(text(sought))
    at = read.find(part)
    if at < 0:
        return value
    return bounded_text(read[:at] + _replacement(by, part, at, read) + read[at + len(part) :])


def _replace_all(value: str, sought: Any = undefined, by: Any = undefined) -> str:
    read, part = units(value), units(text(sought))
    pieces: list[str] = []
    done, size = 0, 0
    at = read.find(part)
    while at >= 0:
        pieces += (read[done:at], _replacement(by, part, at, read))
        size += len(pieces[-2]) + len(pieces[-1])
        if size > MAX_TEXT:
            range_error(f"replaceAll makes a text of more than {MAX_TEXT} characters")
        done = at + len(part)
        at = read.find(part, at + max(len(part), 1)) if at < len(read) else -1
    return bounded_text("".join(pieces) + read[done:])


def _filling(value: str, length: Any, by: Any) -> str:
    fill = " " if by is undefined else units(text(by))
    missing = integer(length) - len(units(value))
    if missing <= 0 or not fill:
        return ""
    if missing > MAX_TEXT:
        range_error(f"a text is padded to at most {MAX_TEXT} characters")
    return (fill * (int(missing) // len(fill) + 1))[: int(missing)]


def _pad_start(value: str, length: Any = undefined, by: Any = undefined) -> str:
    return bounded_text(_filling(value, length, by) + units(value))


def _pad_end(value: str, length: Any = undefined, by: Any = undefined) -> str:
    return bounded_text(units(value) + _filling(value, length, by))


def _repeat(value: str, count: Any = undefined) -> str:
    times = integer(count)
    if times < 0 or times == INFINITY:
        range_error("repeat takes a number from 0 on")
    if times * len(value) > MAX_TEXT:
        range_error(f"repeat makes a text of more than {MAX_TEXT} characters")
    return joined(value * int(times)) if value else ""


def _concat(value: str, *others: Any) -> str:
    return bounded_text(value + "".join(map(text, others)))


def _normalize(value: str, wanted: Any = undefined) -> str:
    name = "NFC" if wanted is undefined else text(wanted)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        if name == form:
            return bounded_text(unicodedata.normalize(form, value))
    return range_error("normalize takes NFC, NFD, NFKC or NFKD")


STRING_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "at": _at,
    "charAt": _char_at,
    "charCodeAt": _char_code_at,
    "codePointAt": _code_point_at,
    "concat": _concat,
    "endsWith": _ends_with,
    "includes": _includes,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "normalize": _normalize,
    "padEnd": _pad_end,
    "padStart": _pad_start,
    "repeat": _repeat,
    "replace": _replace,
    "replaceAll": _replace_all,
    "slice": _slice,
    "split": _split,
    "startsWith": _starts_with,
    "substr": _substr,
    "substring": _substring,
    "toLowerCase": lambda value, *_: value.lower(),
    "toUpperCase": lambda value, *_: value.upper(),
    "trim": lambda value, *_: value.strip(WHITESPACE),
    "trimEnd": lambda value, *_: value.rstrip(WHITESPACE),
    "trimStart": lambda value, *_: value.lstrip(WHITESPACE),
}
