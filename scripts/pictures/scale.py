"""Numbers as a dashboard shows them, and the lines of a scale."""

import math

from watching.description import Unit


def shown(value: float, unit: Unit) -> str:
    """Return a number with its unit, in few characters."""
    if unit == "share":
        return f"{_short(100 * value)}%"
    if unit == "perSecond":
        return f"{_short(value)}/s"
    if unit == "seconds":
        return _seconds(value)
    if unit == "bytes":
        return f"{_short(value / 1e6)} MB"
    return _short(value)


def _seconds(value: float) -> str:
    if value and value < 1:
        return f"{_short(1000 * value)} ms"
    return f"{_short(value)} s" if value < 120 else f"{_short(value / 60)} min"


def _short(value: float) -> str:
    """Return a number with three digits at most."""
    if value >= 1000:
        return f"{value / 1000:.3g}k"
    return f"{float(f'{value:.3g}'):g}"


def ticks(highest: float) -> list[float]:
    """Return the values at which a scale from 0 has a line: three to six of them, the last one not below `highest`."""
    rough = max(highest, 1e-6) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough * 0.999)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)] or [0.0, step]
