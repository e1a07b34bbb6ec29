"""Reading when schedules start runs: cron texts and calendars, and what is said where they are wrong."""

import re
from typing import Any

import pytest
from temporalio.client import ScheduleRange

from workerhost.runtime.schedules.conversion import calendar_spec
from workerhost.runtime.schedules.cron import check_cron
from workerhost.runtime.schedules.fields import DAY_OF_WEEK, HOUR, MONTH, FieldError, Span, read_value

TAKEN = (
    "* * * * *",
    "1,2-4/2,*/10 2 * * *",
    "0/15 * * * *",
    "1 2 * jan,Mar,sept mon-fri",
    "1 2 * * mo",
    "1 2 * * 5-7",
    "1 2 * * 6/1",
    "1 2 * * * 2030-2040/2",
    "0 1 2 * * * 2030",
    "  1   2 * * *  # each night",
    "@daily",
    "@every 1h",
    "@every 1h30m/5m",
    "@every 1.5h",
    "@every 2d",
    "CRON_TZ=Europe/Berlin 1 2 * * *",
    "TZ=Europe/Berlin @daily",
    "+1 02 * * *",
)
"""Texts that Temporal's server takes."""

REFUSED = (
    ("", "has no fields"),
    ("# nightly", "has no fields"),
    ("CRON_TZ=Europe/Berlin", "has no fields"),
    ("1 2 3 4", "has 4 fields; it needs 5"),
    ("1 2 3 4 5 6 7 8", "has 8 fields"),
    ("60 1 * * *", "has '60' at character 1, in its 1st field (minute), which takes 0 to 59"),
    ("1 x * * *", "has 'x' at character 3, in its 2nd field (hour), which takes 0 to 23"),
    ("CRON_TZ=Europe/Berlin 1 1,24 * * *", "has '24' at character 27, in its 2nd field (hour)"),
    ("1 1 0 * *", "3rd field (day of the month), which takes 1 to 31"),
    ("1 1 1 13 *", "4th field (month), which takes 1 to 12, or january to december"),
    ("1 1 * * L", "5th field (day of the week), which takes 0 to 7, or sunday to saturday"),
    ("1 1 * se *", "'se' at character 7"),
    ("0 1 2 * * * 1999", "in its 7th field (year), which takes 2000 to 2100"),
    ("? 1 * * *", "'?'"),
    (",1 1 * * *", "''"),
    ("*/0 1 * * *", "has '*/0' at character 1, in its 1st field (minute), where a number from 1 on must follow"),
    ("1//2 1 * * *", "where a number from 1 on must follow"),
    ("5-1 1 * * *", "which ends before it begins"),
    ("1-2-3 1 * * *", "'1-2-3'"),
    ("*-5 1 * * *", "'*-5'"),
    ("1 1 * * sat-sun", "which ends before it begins"),
    ("\u0661 1 * * *", "'\u0661'"),
    ("99999999999999999999 * * * *", "in its 1st field"),
    ("@often", "which is none of @yearly"),
    ("@every", "where @every needs a duration"),
    ("@every1h", "where @every needs a duration"),
    ("@every x", "where @every needs a duration"),
    ("@every 1w", "where @every needs a duration"),
    ("@every 999999999d1d", "@every needs a duration"),
    ("@every 500ms", "less than a second"),
    ("@every 1h/2h", "a duration that is shorter"),
    ("@every 1h/x", "a duration that is shorter"),
)


@pytest.mark.parametrize("text", TAKEN)
def test_what_temporal_reads_is_taken(text: str) -> None:
    check_cron(text)


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_a_refusal_says_where_and_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        check_cron(text)


@pytest.mark.parametrize(
    ("value", "spans"),
    [
        (9, [Span(9, 9)]),
        ("9", [Span(9, 9)]),
        ("9-17/2", [Span(9, 17, 2)]),
        ("*", [Span(0, 23)]),
        ({"start": 9}, [Span(9, 9)]),
        ({"start": 9, "end": 17, "step": 2}, [Span(9, 17, 2)]),
        ([1, "3,5", {"start": 7, "end": 8}], [Span(1, 1), Span(3, 3), Span(5, 5), Span(7, 8)]),
    ],
)
def test_values_of_calendars_are_numbers_texts_ranges_and_lists(value: Any, spans: list[Span]) -> None:
    assert read_value(value, HOUR) == spans


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (24, "has 24, which takes 0 to 23"),
        (-1, "has -1"),
        (True, "has True"),
        (1.5, "has 1.5"),
        (None, "has None"),
        ([], "an empty list"),
        ([[1]], "a list in a list"),
        ("9-", "has '9-'"),
        ({}, "whose start and end must be numbers from 0 to 23"),
        ({"start": 1, "end": True}, "whose start and end"),
        ({"start": 2, "end": 1}, "which ends before it begins"),
        ({"start": 1, "end": 5, "step": 0}, "whose step must be a number from 1"),
        ({"start": 1, "until": 5}, "where until is not known"),
    ],
)
def test_values_that_a_calendar_does_not_take_are_named(value: Any, said: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_value(value, HOUR)
    assert said in str(caught.value)


def test_names_are_values_and_sunday_has_two_numbers() -> None:
    assert read_value("feb-April", MONTH) == [Span(2, 4)]
    assert read_value("mon", DAY_OF_WEEK) == [Span(1, 1)]
    for sunday in ("sun", 0, 7):
        assert calendar_spec({"dayOfWeek": sunday}).day_of_week == [ScheduleRange(0)]
    assert calendar_spec({"dayOfWeek": "5-7"}).day_of_week == [ScheduleRange(0), ScheduleRange(5), ScheduleRange(6)]


def test_what_a_calendar_leaves_out_is_midnight_of_every_day() -> None:
    made = calendar_spec({"minute": 30, "comment": "half past"})
    assert (made.second, made.minute, made.hour) == ((ScheduleRange(0),), [ScheduleRange(30)], (ScheduleRange(0),))
    assert (made.day_of_month, made.month, made.year) == ((ScheduleRange(1, 31),), (ScheduleRange(1, 12),), ())
    assert made.comment == "half past"
