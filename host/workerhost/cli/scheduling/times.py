"""Durations and times, as they are written on a command line."""

import re
from datetime import UTC, date, datetime

import click

_DURATION = re.compile(
    r"(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+(?:\.\d+)?)s)?", re.ASCII
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_LONGEST = 20
"""Characters of a duration: enough for any that a schedule takes."""


def parse_duration(text: str) -> float:
    """Return the seconds that a duration means: a number of them, or as `90s`, `15m`, `1h30m`, `7d`.

    Raises:
        click.BadParameter: it is no duration.
    """
    if 0 < len(text) <= _LONGEST:
        if _NUMBER.fullmatch(text):
            return _number(text)
        if found := _DURATION.fullmatch(text):
            return sum(_number(part) * _SECONDS[unit] for unit, part in found.groupdict("0").items())
    raise click.BadParameter(f"{text!r} is no duration; it is a number of seconds, or as 90s, 15m, 1h30m, 7d")


def parse_time(text: str) -> datetime:
    """Return a time in ISO 8601 with its zone, which is UTC where it names none.

    Raises:
        click.BadParameter: it is no time.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        examples = "2026-01-05, 2026-01-05T09:00 or 2026-01-05T09:00+01:00"
        raise click.BadParameter(f"{text!r} is no time; it is as {examples}, in UTC without a zone") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parse_day(text: str) -> date:
    """Return a day, written as `2026-01-31`.

    Raises:
        click.BadParameter: it is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no day; it is as 2026-01-31") from error


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)
