"""Numbers: what other values are as numbers, and how numbers are written."""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from workerhost_drawings.v1.js.values import (
    INFINITY,
    MAX_SAFE,
    NAN,
    Size,
    as_double,
    range_error,
    undefined,
    whole,
)

WHITESPACE = "".join(
    map(chr, (*range(9, 14), 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F))
)
WHITESPACE += "\u3000\ufeff"
"""What JavaScript takes for space, which differs from Python's."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_RADIX = re.compile(r"0(?:[xX]([0-9a-fA-F]+)|[oO]([0-7]+)|[bB]([01]+))")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EXACT = Context(prec=1200, rounding=ROUND_HALF_UP)


def number(value: Any) -> int | float:  # noqa: PLR0911  one for each kind
    """Return what a value is as a number."""
    kind = type(value)
    if kind is int:
        return value if -MAX_SAFE <= value <= MAX_SAFE else whole(as_double(value))
    if kind is float:
        return whole(value)
    if kind is str:
        return _of_text(value)
    if kind is bool:
        return 1 if value else 0
    if value is None:
        return 0
    if value is undefined:
        return NAN
    return _of_text(text(value))


def _of_text(value: str) -> int | float:
    stripped = value.strip(WHITESPACE)
    if not stripped:
        return 0
    if _DECIMAL.fullmatch(stripped):
        return whole(float(stripped))
    if found := _RADIX.fullmatch(stripped):
        radix = 16 if found[1] else 8 if found[2] else 2
        return whole(as_double(int(found[1] or found[2] or found[3], radix)))
    return {"Infinity": INFINITY, "+Infinity": INFINITY, "-Infinity": -INFINITY}.get(stripped, NAN)


def integer(value: Any, default: float = 0) -> int | float:
    """Return a whole number of an argument, or an infinity; NaN is 0, and an argument that is missing the default."""
    if value is undefined:
        return default
    read = number(value)
    if type(read) is int:
        return read
    if read != read:  # noqa: PLR0124
        return 0
    return read if math.isinf(read) else int(read)


def text(value: Any) -> str:  # noqa: PLR0911  one for each kind
    """Return what a value is as a text."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is bool:
        return "true" if value else "false"
    if kind is int and -MAX_SAFE <= value <= MAX_SAFE:
        return str(value)
    if kind is int or kind is float:
        return written(as_double(value))
    if value is None:
        return "null"
    if kind is list:
        return _listed(value, 0, Size("a text of an array"))
    return "undefined" if value is undefined else "[object Object]"


def _listed(items: list[Any], depth: int, size: Size) -> str:
    size.items(items, depth)
    parts = []
    for each in items:
        if type(each) is list:
            parts.append(_listed(each, depth + 1, size))
        elif each is None or each is undefined:
            parts.append("")
        else:
            parts.append(text(each))
            size.text(parts[-1])
    return ",".join(parts)


def written(value: float) -> str:  # noqa: PLR0911  one for each form
    """Return a double as JavaScript writes it: the shortest digits that mean it, with an exponent from 1e21 on."""
    if value != value:  # noqa: PLR0124
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    digits, point = _digits(abs(value))
    sign = "-" if value < 0 else ""
    count = len(digits)
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return sign + _scientific(digits, point - 1)


def _digits(value: float) -> tuple[str, int]:
    """Return the shortest digits of a positive double, and where the point stands behind the first of them."""
    mantissa, _, exponent = repr(value).partition("e")
    before, _, after = mantissa.partition(".")
    point = len(before) + int(exponent or 0)
    digits = before + after
    stripped = digits.lstrip("0")
    return stripped.rstrip("0"), point - (len(digits) - len(stripped))


def _scientific(digits: str, exponent: int) -> str:
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def parse_int(value: Any, radix: Any = undefined) -> int | float:
    """Return the whole number that a text begins with."""
    read = text(value).strip(WHITESPACE)
    negative = read.startswith("-")
    read = read[1:] if read[:1] in ("+", "-") else read
    base = _to_int32(radix)
    if base in (0, 16) and read[:2] in ("0x", "0X"):
        read, base = read[2:], 16
    base = base or 10
    if not 2 <= base <= 36:
        return NAN
    found = re.match(f"[{_DIGITS[:base]}]*", read, re.IGNORECASE | re.ASCII)
    if not found or not found[0]:
        return NAN
    digits = found[0]
    size = float(digits) if base == 10 else as_double(int(digits, base))
    return whole(-size if negative else size)


def _to_int32(value: Any) -> int:
    read = integer(value)
    wrapped = int(read) % 2**32 if math.isfinite(read) else 0
    return wrapped - 2**32 if wrapped >= 2**31 else wrapped


def parse_float(value: Any) -> int | float:
    """Return the number that a text begins with."""
    read = text(value).lstrip(WHITESPACE)
    if found := re.match(r"([+-]?)Infinity", read):
        return -INFINITY if found[1] == "-" else INFINITY
    found = _DECIMAL.match(read)
    return whole(float(found[0])) if found else NAN


def is_nan(value: Any) -> bool:
    """Return whether a value is no number, read as one."""
    read = number(value)
    return read != read  # noqa: PLR0124


def is_finite(value: Any) -> bool:
    """Return whether a value is a finite number, read as one."""
    return math.isfinite(number(value))


def is_number_nan(value: Any) -> bool:
    """Return whether a value is NaN itself."""
    return type(value) is float and value != value  # noqa: PLR0124


def is_number_finite(value: Any) -> bool:
    """Return whether a value is a number, and finite."""
    return type(value) in (int, float) and math.isfinite(as_double(value))


def is_integer(value: Any) -> bool:
    """Return whether a value is a whole number."""
    return type(value) in (int, float) and math.isfinite(as_double(value)) and as_double(value).is_integer()


def is_safe_integer(value: Any) -> bool:
    """Return whether a value is a whole number that is exact."""
    return is_integer(value) and abs(as_double(value)) <= MAX_SAFE


def to_fixed(value: float, digits: Any = undefined) -> str:
    """Return a number with so many digits behind the point."""
    count = integer(digits)
    if not 0 <= count <= 100:
        range_error("toFixed takes 0 to 100 digits")
    double = as_double(value)
    if not abs(double) < 1e21:
        return written(double)
    fixed = Decimal(double).quantize(Decimal(1).scaleb(-int(count)), context=_EXACT)
    if double == 0:
        fixed = abs(fixed)
    return f"{fixed:f}"


def to_precision(value: float, digits: Any = undefined) -> str:
    """Return a number with so many digits in all."""
    double = as_double(value)
    if digits is undefined or not math.isfinite(double):
        return written(double)
    count = integer(digits)
    if not 1 <= count <= 100:
        range_error("toPrecision takes 1 to 100 digits")
    size = int(count)
    if double == 0:
        return "0" if size == 1 else f"0.{'0' * (size - 1)}"
    rounded = Context(prec=size, rounding=ROUND_HALF_UP).create_decimal(Decimal(double))
    sign = "-" if double < 0 else ""
    shown = "".join(map(str, rounded.as_tuple().digits)).ljust(size, "0")
    exponent = rounded.adjusted()
    if exponent < -6 or exponent >= size:
        return sign + _scientific(shown, exponent)
    if exponent == size - 1:
        return sign + shown
    if exponent >= 0:
        return f"{sign}{shown[: exponent + 1]}.{shown[exponent + 1 :]}"
    return f"{sign}0.{'0' * -(exponent + 1)}{shown}"


def number_text(value: float, radix: Any = undefined) -> str:
    """Return a number as a text in a base, 10 by default."""
    base = integer(radix, 10)
    if not 2 <= base <= 36:
        range_error("toString takes a base of 2 to 36")
    double = as_double(value)
    if base == 10 or not math.isfinite(double):
        return written(double)
    return _in_base(double, int(base))


def _in_base(value: float, base: int) -> str:
    """As V8 does it: digits of the fraction until they tell the double from its neighbours, the last one rounded."""
    size = abs(value)
    rest = math.floor(size)
    fraction = size - rest
    delta = max(0.5 * (math.nextafter(size, INFINITY) - size), math.nextafter(0.0, 1.0))
    behind: list[int] = []
    if fraction >= delta:
        while True:
            fraction *= base
            delta *= base
            digit = int(fraction)
            behind.append(digit)
            fraction -= digit
            if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
                rest += _rounded_up(behind, base)
                break
            if fraction < delta:
                break
    before = _whole_in_base(rest, base)
    shown = "".join(_DIGITS[digit] for digit in behind)
    return f"{'-' if value < 0 else ''}{before}{'.' + shown if shown else ''}"


def _whole_in_base(value: int, base: int) -> str:
    """Return the exact digits, also beyond 2**53, where the standard leaves them to each implementation."""
    shown = ""
    while value:
        value, digit = divmod(value, base)
        shown = _DIGITS[digit] + shown
    return shown or "0"


def _rounded_up(digits: list[int], base: int) -> int:
    """Add one to the last digit, and return what is carried to the whole part."""
    while digits:
        digit = digits.pop() + 1
        if digit < base:
            digits.append(digit)
            return 0
    return 1
