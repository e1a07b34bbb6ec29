"""Times of reports: days, and from when to when."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from workerhost.api.reading.query import Moment, Query
from workerhost.errors import InvalidRequestError

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

DEFAULT_SPAN = timedelta(days=1)
"""Before the end of a time whose beginning the call does not name."""


def _read_day(text: object) -> date:
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("must be a day, as 2026-01-31")


Day = Annotated[date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day in UTC."""


class DaysQuery(Query):
    """Which days, in UTC."""

    first: Annotated[Day | None, Field(alias="from")] = None
    """The first day; without it, the first of the month of the last one."""
    last: Annotated[Day | None, Field(alias="to")] = None
    """The last day, which counts too; without it, today."""

    def days(self) -> tuple[date, date]:
        """Return the first day and the last one.

        Raises:
            InvalidRequestError: the first is after the last.
        """
        last = self.last or datetime.now(UTC).date()
        first = self.first or last.replace(day=1)
        if first > last:
            raise InvalidRequestError(f"from is {first}, which is after to, {last}")
        return first, last


class TimesQuery(Query):
    """From when to when."""

    after: Annotated[Moment | None, Field(alias="from")] = None
    """The beginning; without it, 24 hours before the end."""
    before: Annotated[Moment | None, Field(alias="to")] = None
    """The end; without it, now."""

    def times(self) -> tuple[datetime, datetime]:
        """Return the beginning and the end.

        Raises:
            InvalidRequestError: the beginning is not before the end, or there is no such time.
        """
        before = self.before or datetime.now(UTC)
        try:
            after = self.after or before - DEFAULT_SPAN
            after, before = after.astimezone(UTC), before.astimezone(UTC)
            after - _SLACK, before + _SLACK
        except OverflowError:
            raise InvalidRequestError("from and to must be between the years 2 and 9998") from None
        if after >= before:
            raise InvalidRequestError(f"from is {_iso(after)}, which is not before to, {_iso(before)}")
        return after, before


_SLACK = timedelta(days=30)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
