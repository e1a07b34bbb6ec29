"""Positions in texts and arrays, as arguments name them."""

from typing import Any

from workerhost_drawings.v1.js.numbers import integer


def place(value: Any, length: int, default: float = 0) -> int:
    """Return a position that an argument names, which counts from the end where it is negative."""
    read = integer(value, default)
    if read < 0:
        return int(max(read + length, 0))
    return int(min(read, length))
