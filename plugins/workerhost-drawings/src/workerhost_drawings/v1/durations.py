"""Durations as drawings write them: a number of milliseconds, or a text of ISO 8601."""

import re
from datetime import timedelta

from temporalio.exceptions import ApplicationError

_ISO = re.compile(
    r"P(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
LONGEST = timedelta(days=3660)
"""What a timer of a run may take at most."""


def duration(value: object) -> timedelta:
    """Return the duration that a value stands for.

    Args:
        value: milliseconds, or a text such as `PT1M30S`; years and months are none, since they differ in length.

    Raises:
        ValueError: it is neither, negative, or longer than ten years; the message is a sentence.
    """
    found = _duration(value)
    if found is None or not timedelta(0) <= found <= LONGEST:
        raise ValueError(
            f"{value!r:.100} is not a duration; milliseconds or an ISO 8601 duration of days, hours, minutes and "
            "seconds, such as PT1M30S, up to ten years would do"
        )
    return found


def timer(value: object) -> timedelta:
    """Return the duration that a value of a run stands for.

    Args:
        value: milliseconds, or a text such as `PT1M30S`.

    Raises:
        ApplicationError: it is no duration; not retryable.
    """
    try:
        return duration(value)
    except ValueError as error:
        raise ApplicationError(str(error), type="InvalidDuration", non_retryable=True) from None


def _duration(value: object) -> timedelta | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return timedelta(milliseconds=value)
        match = _ISO.fullmatch(value) if isinstance(value, str) and len(value) <= 100 else None
        parts = {name: float(number) for name, number in match.groupdict().items() if number} if match else {}
        return timedelta(**parts) if parts else None
    except (OverflowError, ValueError):  # of numbers that are no lengths of time: nan, inf, 1e300
        return None
