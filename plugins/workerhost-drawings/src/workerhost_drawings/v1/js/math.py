"""JavaScript's `Math`."""

import math
from collections.abc import Callable
from typing import Any

from temporalio import workflow

from workerhost_drawings.v1.js.numbers import number
from workerhost_drawings.v1.js.operators import power
from workerhost_drawings.v1.js.values import INFINITY, NAN, as_double, undefined, whole

PI = math.pi
E = math.e
LN2 = math.log(2)
LN10 = math.log(10)
LOG2E = 1 / math.log(2)
LOG10E = 1 / math.log(10)
SQRT2 = math.sqrt(2)
SQRT1_2 = math.sqrt(0.5)


def _double(value: Any) -> float:
    return as_double(number(value))


def _whole_by(function: Callable[[float], int], value: Any) -> int | float:
    read = _double(value)
    if not math.isfinite(read):
        return read
    return whole(math.copysign(float(function(read)), read))


def floor(value: Any = undefined) -> int | float:
    """Return the next whole number below."""
    read = _double(value)
    return whole(float(math.floor(read))) if math.isfinite(read) and read else whole(read)


def ceil(value: Any = undefined) -> int | float:
    """Return the next whole number above."""
    return _whole_by(math.ceil, value)


def trunc(value: Any = undefined) -> int | float:
    """Return the number without its fraction."""
    return _whole_by(math.trunc, value)


def round(value: Any = undefined) -> int | float:  # noqa: A001
    """Return the nearest whole number, and of two the greater one."""
    return _whole_by(lambda read: math.floor(read) + (read - math.floor(read) >= 0.5), value)


def abs(value: Any = undefined) -> int | float:  # noqa: A001
    """Return the number without its sign."""
    return whole(math.fabs(_double(value)))


def sign(value: Any = undefined) -> int | float:
    """Return 1, -1 or 0."""
    read = _double(value)
    return whole(math.copysign(1.0, read)) if read and read == read else whole(read)  # noqa: PLR0124


def max(*numbers: Any) -> int | float:  # noqa: A001
    """Return the greatest number; -Infinity of none."""
    return _extreme(numbers, -INFINITY, lambda a, b: a > b or (a == b == 0 and math.copysign(1.0, a) > 0))


def min(*numbers: Any) -> int | float:  # noqa: A001
    """Return the least number; Infinity of none."""
    return _extreme(numbers, INFINITY, lambda a, b: a < b or (a == b == 0 and math.copysign(1.0, a) < 0))


def _extreme(numbers: tuple[Any, ...], result: float, beats: Callable[[float, float], bool]) -> int | float:
    read = [_double(value) for value in numbers]
    for each in read:
        if each != each:  # noqa: PLR0124
            return NAN
        result = each if beats(each, result) else result
    return whole(result)


def pow(base: Any = undefined, exponent: Any = undefined) -> int | float:  # noqa: A001
    """Return a power."""
    return power(base, exponent)


def hypot(*numbers: Any) -> int | float:
    """Return the root of the sum of squares."""
    return whole(math.hypot(*[_double(value) for value in numbers]))


def _of(function: Callable[[float], float], value: Any, at_pole: float = NAN) -> int | float:
    read = _double(value)
    try:
        return whole(function(read))
    except OverflowError:
        return INFINITY
    except ValueError:
        return at_pole if read == 0 else NAN


def sqrt(value: Any = undefined) -> int | float:
    """Return the square root."""
    return _of(math.sqrt, value)


def cbrt(value: Any = undefined) -> int | float:
    """Return the cube root."""
    return _of(math.cbrt, value)


def exp(value: Any = undefined) -> int | float:
    """Return a power of e."""
    return _of(math.exp, value)


def log(value: Any = undefined) -> int | float:
    """Return the natural logarithm."""
    return _of(math.log, value, -INFINITY)


def log2(value: Any = undefined) -> int | float:
    """Return the logarithm of base 2."""
    return _of(math.log2, value, -INFINITY)


def log10(value: Any = undefined) -> int | float:
    """Return the logarithm of base 10."""
    return _of(math.log10, value, -INFINITY)


def sin(value: Any = undefined) -> int | float:
    """Return the sine."""
    return _of(math.sin, value)


def cos(value: Any = undefined) -> int | float:
    """Return the cosine."""
    return _of(math.cos, value)


def tan(value: Any = undefined) -> int | float:
    """Return the tangent."""
    return _of(math.tan, value)


def atan(value: Any = undefined) -> int | float:
    """Return the arc tangent."""
    return _of(math.atan, value)


def atan2(y: Any = undefined, x: Any = undefined) -> int | float:
    """Return the angle of a point."""
    return whole(math.atan2(_double(y), _double(x)))


def random() -> float:
    """Return a number from 0 up to 1, the same in each replay of a run."""
    return workflow.random().random()
