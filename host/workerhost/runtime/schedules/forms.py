"""Schedules as they are sent, in calls or in drawings."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from workerhost.forms.fields import NO_CONTROL_CHARACTERS, Form, Name, Reason
from workerhost.runtime.schedules.calendars import CalendarBody
from workerhost.runtime.schedules.cron import check_cron
from workerhost.runtime.schedules.definition import ScheduleDefinition
from workerhost.words import ScheduleOverlap

TEN_YEARS = 10 * 365 * 86400
"""The longest interval, jitter and catch-up, in seconds."""

LEAST_CATCH_UP = 10
"""Seconds; Temporal takes less for so much."""

MOST_TIMES = 20
"""Cron texts, and calendars, of one schedule; they go with each of its runs."""


def _cron(text: str) -> str:
    check_cron(text)
    return text


def _zone(name: str) -> str:
    if name in ("Local", "localtime"):
        raise ValueError(f"must not be {name}, which is where Temporal's server happens to be")
    return name


CronText = Annotated[str, StringConstraints(max_length=200), NO_CONTROL_CHARACTERS, AfterValidator(_cron)]
"""A cron text, as Temporal reads them."""

TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_CONTROL_CHARACTERS, AfterValidator(_zone)]
"""The name of a time zone in the IANA database."""


class ScheduleForm(Form):
    """What a schedule starts, and when. At least one of `cron`, `intervalSeconds` and `calendar` says when."""

    workflow_type: Name
    args: list[Any] = []
    cron: Annotated[list[CronText], Field(max_length=MOST_TIMES)] | None = None
    """As `0 9 * * mon-fri`: minute, hour, day of the month, month, day of the week."""
    interval_seconds: Annotated[int, Field(ge=1, le=TEN_YEARS, strict=True)] | None = None
    """It starts every so many seconds, counted from 1970 on."""
    calendar: (
        Annotated[
            list[CalendarBody],
            Field(max_length=MOST_TIMES),
            BeforeValidator(lambda value: [value] if isinstance(value, dict) else value),
        ]
        | None
    ) = None
    """Times by their parts; a single one need not be in a list."""
    time_zone: TimeZone | None = None
    """Of `cron` and `calendar`; UTC without it."""
    overlap: ScheduleOverlap = ScheduleOverlap.SKIP
    """What happens at a time at which the run before still runs."""
    jitter_seconds: Annotated[float, Field(ge=0, le=TEN_YEARS, allow_inf_nan=False, strict=True)] = 0
    """Each start is late by a part of this, by chance."""
    catch_up_seconds: (
        Annotated[float, Field(ge=LEAST_CATCH_UP, le=TEN_YEARS, allow_inf_nan=False, strict=True)] | None
    ) = None
    """How late it may start what Temporal has missed because it was away; a year without it."""
    paused: Annotated[bool, Field(strict=True)] = False
    note: Reason | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if not self.cron and self.interval_seconds is None and not self.calendar:
            raise ValueError("must say when the schedule starts runs, with cron, intervalSeconds or calendar")
        return self

    def definition(self) -> ScheduleDefinition:
        """Return this for the runtime."""
        return ScheduleDefinition(
            workflow_type=self.workflow_type,
            args=self.args,
            cron=self.cron or (),
            interval_seconds=self.interval_seconds,
            calendar=[each.model_dump(by_alias=True, exclude_none=True) for each in self.calendar or ()],
            time_zone=self.time_zone,
            overlap=self.overlap,
            jitter_seconds=self.jitter_seconds,
            catch_up_seconds=self.catch_up_seconds,
            paused=self.paused,
            note=self.note,
        )
