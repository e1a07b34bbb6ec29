"""Checking cron texts, so that a refusal names the place. Temporal's server reads them, and has the last word.

It takes five fields (minute, hour, day of the month, month, day of the week), a sixth for the year, or seven with the
second first; `@daily` and the like; `@every 90m` with an offset as `@every 1d/6h`; `CRON_TZ=Europe/Berlin` before all
this; and a comment after `#`. Day of the month and day of the week must both fit, other than in Unix:
https://docs.temporal.io/schedule
"""

import re
from datetime import timedelta

from workerhost.runtime.schedules.fields import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    YEAR,
    FieldError,
    TimeField,
    read_text,
)

_FIVE = (MINUTE, HOUR, DAY_OF_MONTH, MONTH, DAY_OF_WEEK)
_FIELDS: dict[int, tuple[TimeField, ...]] = {5: _FIVE, 6: (*_FIVE, YEAR), 7: (SECOND, *_FIVE, YEAR)}
_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th")

_NAMED = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_EVERY = "@every "
_ZONE = re.compile(r" *(?:CRON_)?TZ=[^ ]*(?: +|$)")

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Seconds of each unit of a duration."""
_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|us|ns|s|m|h|d)")


def check_cron(text: str) -> None:
    """Check that Temporal reads a cron text.

    Raises:
        ValueError: it does not; the message is what a sentence says of the text.
    """
    zone = _ZONE.match(text)
    begin = zone.end() if zone else 0
    times = text[begin:].partition("#")[0]
    words = list(re.finditer(r"\S+", times))
    if not words:
        raise ValueError("has no fields, as * * * * * has five")
    stripped = times.strip()
    if stripped.startswith("@every"):
        _check_every(stripped)
    elif stripped.startswith("@"):
        if stripped not in _NAMED:
            raise ValueError(f"has {stripped!r}, which is none of {', '.join(_NAMED)} and @every <duration>")
    elif len(words) not in _FIELDS:
        raise ValueError(
            f"has {len(words)} fields; it needs 5 (minute, hour, day of the month, month, day of the week), "
            "6 with the year at the end, or 7 with the second in front as well"
        )
    else:
        for index, (word, field) in enumerate(zip(words, _FIELDS[len(words)], strict=True)):
            _check_field(word.group(), field, index, begin + word.start())


def _check_field(text: str, field: TimeField, index: int, place: int) -> None:
    try:
        read_text(text, field)
    except FieldError as error:
        character = place + error.place + 1
        where = f"at character {character}, in its {_ORDINALS[index]} field ({field.called})"
        raise ValueError(f"has {error.part!r} {where}, {error.why}") from error


def _check_every(text: str) -> None:
    interval_text, _, offset_text = text.removeprefix(_EVERY).partition("/")
    interval = _duration(interval_text) if text.startswith(_EVERY) else None
    if interval is None:
        raise ValueError(f"has {text!r}, where @every needs a duration, as @every 90m, @every 1h30m or @every 2d")
    if interval < timedelta(seconds=1):
        raise ValueError(f"has {text!r}, which is less than a second")
    offset = _duration(offset_text) if offset_text else timedelta()
    if offset is None or offset >= interval:
        raise ValueError(f"has {text!r}, where after the / must stand a duration that is shorter than the one before")


def _duration(text: str) -> timedelta | None:
    found = _AMOUNT.findall(text)
    if not found or "".join(amount + unit for amount, unit in found) != text:
        return None
    try:
        return timedelta(seconds=sum(float(amount) * _UNITS[unit] for amount, unit in found))
    except OverflowError:
        return None
