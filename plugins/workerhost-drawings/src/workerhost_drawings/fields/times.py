"""Times and time zones, as people write them."""

import re
from zoneinfo import ZoneInfo

LONGEST = 366 * 24 * 3600 * 1000
"""Milliseconds; a year."""

_UNITS = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIME = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,3})?) ?(?P<unit>ms|s|m|h|d|)")


def milliseconds(value: object) -> int:
    """Return a time that is written as `30s`, `500ms`, `5m`, `1h` or `2d`, or as a number of seconds.

    Raises:
        ValueError: it is no time, or none at all, or longer than a year; the message is a sentence.
    """
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("A time is written as 30s, 500ms, 5m, 1h or 2d, or as a number of seconds.")
    time = round(float(found["number"]) * _UNITS[found["unit"]])
    if not 0 < time <= LONGEST:
        raise ValueError("A time is longer than nothing, and a year at most.")
    return time


def is_zone(name: object) -> bool:
    """Tell whether there is a time zone of that name."""
    try:
        return isinstance(name, str) and name not in ("Local", "localtime") and ZoneInfo(name) is not None
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return False
