"""JavaScript's operators."""

import math
from collections.abc import Callable
from typing import Any

from workerhost_drawings.v1.js.members import has_own
from workerhost_drawings.v1.js.numbers import number, text
from workerhost_drawings.v1.js.values import (
    INFINITY,
    MAX_SAFE,
    NAN,
    as_double,
    bounded_text,
    described,
    is_nullish,
    truthy,
    type_error,
    type_of,
    undefined,
    units,
    whole,
)

_NUMBERS = (int, float)


def add(first: Any, *others: Any) -> Any:
    """Return `first + …`, from left to right: texts are put together, numbers added."""
    result = first
    for other in others:
        result = _added(result, other)
    return result


def _added(a: Any, b: Any) -> Any:
    kind = type(a)
    if kind is int and type(b) is int:
        result = a + b
        if -MAX_SAFE <= result <= MAX_SAFE and -MAX_SAFE <= a <= MAX_SAFE and -MAX_SAFE <= b <= MAX_SAFE:
            return result
    if kind is str or type(b) in (str, list, dict) or kind in (list, dict):
        return bounded_text(text(a) + text(b))
    return whole(as_double(number(a)) + as_double(number(b)))


def concat(*parts: Any) -> str:
    """Return the text of a template's parts."""
    return bounded_text("".join([part if type(part) is str else text(part) for part in parts]))


def subtract(a: Any, b: Any) -> int | float:
    """Return `a - b`."""
    return whole(as_double(number(a)) - as_double(number(b)))


def multiply(a: Any, b: Any) -> int | float:
    """Return `a * b`."""
    return whole(as_double(number(a)) * as_double(number(b)))


def divide(a: Any, b: Any) -> int | float:
    """Return `a / b`."""
    above, below = as_double(number(a)), as_double(number(b))
    if below:
        return whole(above / below)
    if above == 0 or above != above or below != below:  # noqa: PLR0124
        return NAN
    return math.copysign(INFINITY, above) * math.copysign(1.0, below)


def remainder(a: Any, b: Any) -> int | float:
    """Return `a % b`, which has the sign of a."""
    above, below = as_double(number(a)), as_double(number(b))
    if below == 0 or math.isinf(above):
        return NAN
    return whole(math.fmod(above, below))


def power(a: Any, b: Any) -> int | float:
    """Return `a ** b`."""
    base, exponent = as_double(number(a)), as_double(number(b))
    if exponent != exponent or (abs(base) == 1 and math.isinf(exponent)):  # noqa: PLR0124
        return NAN
    try:
        return whole(math.pow(base, exponent))
    except OverflowError:
        return -INFINITY if base < 0 and exponent % 2 == 1 else INFINITY
    except ValueError:
        if base:
            return NAN
        return -INFINITY if math.copysign(1.0, base) < 0 and exponent % 2 == 1 else INFINITY


def negate(value: Any) -> int | float:
    """Return `-value`."""
    return whole(-as_double(number(value)))


def _int32(value: Any) -> int:
    read = number(value)
    if type(read) is float:
        read = int(read) if math.isfinite(read) else 0
    wrapped = int(read) & 0xFFFFFFFF
    return wrapped - 0x100000000 if wrapped & 0x80000000 else wrapped


def bit_and(a: Any, b: Any) -> int:
    """Return `a & b`, of 32 bits."""
    return _int32(a) & _int32(b)


def bit_or(a: Any, b: Any) -> int:
    """Return `a | b`, of 32 bits."""
    return _int32(a) | _int32(b)


def bit_xor(a: Any, b: Any) -> int:
    """Return `a ^ b`, of 32 bits."""
    return _int32(a) ^ _int32(b)


def bit_not(value: Any) -> int:
    """Return `~value`, of 32 bits."""
    return ~_int32(value)


def shift_left(a: Any, b: Any) -> int:
    """Return `a << b`, of 32 bits."""
    return _int32(_int32(a) << (_int32(b) & 31))


def shift_right(a: Any, b: Any) -> int:
    """Return `a >> b`, of 32 bits."""
    return _int32(a) >> (_int32(b) & 31)


def shift_right_unsigned(a: Any, b: Any) -> int:
    """Return `a >>> b`, of 32 bits."""
    return (_int32(a) & 0xFFFFFFFF) >> (_int32(b) & 31)


def strict_equals(a: Any, b: Any) -> bool:
    """Return `a === b`; objects and arrays are equal to themselves alone."""
    kind, other = type(a), type(b)
    if kind is str and other is str:
        return bool(a == b)
    if kind in _NUMBERS and other in _NUMBERS:
        return as_double(a) == as_double(b)
    return a is b


def equals(a: Any, b: Any) -> bool:
    """Return `a == b`, which takes texts, booleans and objects for numbers or texts where the types differ."""
    kind, other = type_key(a), type_key(b)
    if "nothing" in (kind, other):
        return kind == other
    if kind == other:
        return strict_equals(a, b)
    if kind == "object":
        return equals(text(a), b)
    if other == "object":
        return equals(a, text(b))
    return as_double(number(a)) == as_double(number(b))


def type_key(value: Any) -> str:
    """Return the kind of a value as `==` tells kinds apart: null and undefined are one."""
    return "nothing" if is_nullish(value) else type_of(value)


def same_value(a: Any, b: Any) -> bool:
    """Return whether `includes` takes two values for the same: as `===`, but NaN is itself."""
    return strict_equals(a, b) or (type(a) is float and type(b) is float and a != a and b != b)  # noqa: PLR0124


def _compared(a: Any, b: Any, so: Callable[[Any, Any], bool]) -> bool:
    a = text(a) if type(a) in (list, dict) else a
    b = text(b) if type(b) in (list, dict) else b
    if type(a) is str and type(b) is str:
        return so(units(a), units(b))
    return so(as_double(number(a)), as_double(number(b)))


def less(a: Any, b: Any) -> bool:
    """Return `a < b`."""
    return _compared(a, b, lambda x, y: x < y)


def greater(a: Any, b: Any) -> bool:
    """Return `a > b`."""
    return _compared(a, b, lambda x, y: x > y)


def at_most(a: Any, b: Any) -> bool:
    """Return `a <= b`."""
    return _compared(a, b, lambda x, y: x <= y)


def at_least(a: Any, b: Any) -> bool:
    """Return `a >= b`."""
    return _compared(a, b, lambda x, y: x >= y)


def either(first: Any, *others: Callable[[], Any]) -> Any:
    """Return `first || …`: the first value that is truthy, or the last one."""
    result = first
    for other in others:
        if truthy(result):
            return result
        result = other()
    return result


def both(first: Any, *others: Callable[[], Any]) -> Any:
    """Return `first && …`: the first value that is not truthy, or the last one."""
    result = first
    for other in others:
        if not truthy(result):
            return result
        result = other()
    return result


def coalesce(first: Any, *others: Callable[[], Any]) -> Any:
    """Return `first ?? …`: the first value that is neither null nor undefined, or the last one."""
    result = first
    for other in others:
        if result is not None and result is not undefined:
            return result
        result = other()
    return result


def has(key: Any, value: Any) -> bool:
    """Return `key in value`: whether an object has a member, or an array an index."""
    if type(value) is dict or type(value) is list:
        return has_own(value, key)
    return type_error(f'"in" looks into objects and arrays, and this is {described(value)}')
