"""The fields of cron texts and calendars: which values each takes, and reading them as Temporal's server does."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

_NUMBER = re.compile(r"\+?[0-9]{1,9}")

_RANGE_KEYS = {"start", "end", "step"}
"""The keys of a range that is written as an object."""


class Span(NamedTuple):
    """Every `step`-th value from `first` to `last`, both included."""

    first: int
    last: int
    step: int = 1


@dataclass(frozen=True)
class TimeField:
    """A part of a time that a cron text or a calendar names: its hour, say."""

    key: str
    """What it is called in a calendar."""
    called: str
    """What it is called in sentences."""
    least: int
    most: int
    words: tuple[str, ...] = ()
    """Names of the values, the one of `least` first."""
    shortest: int = 3
    """Letters that a name may be cut to."""

    @property
    def takes(self) -> str:
        """Part of a sentence that says which values it takes."""
        words = f", or {self.words[0]} to {self.words[-1]}" if self.words else ""
        return f"which takes {self.least} to {self.most}{words}, and as texts ranges as 1-5, lists as 1,3, steps as */2"

    def number(self, text: str) -> int | None:
        """Return the value that a text names, or None where it names none."""
        if _NUMBER.fullmatch(text):
            found = int(text)
            return found if self.least <= found <= self.most else None
        if len(text) < self.shortest:
            return None
        names = (index for index, word in enumerate(self.words) if word.startswith(text.lower()))
        return next((self.least + index for index in names), None)


_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

SECOND = TimeField("second", "second", 0, 59)
MINUTE = TimeField("minute", "minute", 0, 59)
HOUR = TimeField("hour", "hour", 0, 23)
DAY_OF_MONTH = TimeField("dayOfMonth", "day of the month", 1, 31)
MONTH = TimeField("month", "month", 1, 12, _MONTHS)
YEAR = TimeField("year", "year", 2000, 2100)
DAY_OF_WEEK = TimeField("dayOfWeek", "day of the week", 0, 7, _DAYS, shortest=2)
"""0 and 7 are Sunday."""

FIELDS: Mapping[str, TimeField] = {
    field.key: field for field in (SECOND, MINUTE, HOUR, DAY_OF_MONTH, MONTH, YEAR, DAY_OF_WEEK)
}
"""All fields, by what a calendar calls them."""


class FieldError(ValueError):
    """Something that a field does not take.

    Attributes:
        part: what it is.
        why: part of a sentence that says why.
        place: characters of the field's text before it.
    """

    def __init__(self, part: object, why: str, place: int = 0) -> None:
        super().__init__(f"has {part!r}, {why}")
        self.part = part
        self.why = why
        self.place = place


def read_text(text: str, field: TimeField) -> list[Span]:
    """Return what a text as `1,3-5,*/10` means.

    Raises:
        FieldError: it is none that the field takes.
    """
    return [_read_part(part, field, place) for part, place in _parts(text)]


def read_value(value: Any, field: TimeField) -> list[Span]:
    """Return what a value of a calendar means: a number, a text, an object with `start`, or a list of these.

    Raises:
        FieldError: it is none that the field takes.
    """
    if isinstance(value, list):
        if not value:
            raise FieldError(value, "and an empty list never comes")
        if any(isinstance(each, list) for each in value):
            raise FieldError(value, "and a list in a list means nothing")
        return [span for each in value for span in read_value(each, field)]
    if isinstance(value, str):
        return read_text(value, field)
    if isinstance(value, dict):
        return [_read_range(value, field)]
    if type(value) is not int or not field.least <= value <= field.most:
        raise FieldError(value, field.takes)
    return [Span(value, value)]


def _parts(text: str) -> Iterator[tuple[str, int]]:
    place = 0
    for part in text.split(","):
        yield part, place
        place += len(part) + 1


def _read_part(part: str, field: TimeField, place: int) -> Span:
    values, slash, step_text = part.partition("/")
    step = int(step_text) if re.fullmatch(r"[0-9]{1,9}", step_text) else 0
    if slash and step < 1:
        raise FieldError(part, "where a number from 1 on must follow the /", place)
    if values == "*":
        first, last = field.least, field.most - (field is DAY_OF_WEEK)
    else:
        begin, dash, end = values.partition("-")
        found = field.number(begin)
        until = field.number(end) if dash else found
        if found is None or until is None:
            raise FieldError(part, field.takes, place)
        first, last = found, field.most if slash and not dash else until
    if last < first:
        raise FieldError(part, "which ends before it begins", place)
    return Span(first, last, max(step, 1))


def _read_range(value: Mapping[str, Any], field: TimeField) -> Span:
    if unknown := sorted(set(value) - _RANGE_KEYS):
        raise FieldError(value, f"where {unknown[0]} is not known; a range has start, end and step")
    first, step = value.get("start"), value.get("step", 1)
    last = value.get("end", first)
    if not _is_number(first, field.least, field.most) or not _is_number(last, field.least, field.most):
        raise FieldError(value, f"whose start and end must be numbers from {field.least} to {field.most}")
    if not _is_number(step, 1, field.most):
        raise FieldError(value, f"whose step must be a number from 1 to {field.most}")
    if last < first:
        raise FieldError(value, "which ends before it begins")
    return Span(first, last, step)


def _is_number(value: Any, least: int, most: int) -> TypeGuard[int]:
    return type(value) is int and least <= value <= most
