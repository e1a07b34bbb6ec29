"""Durations and times, as they are written on a command line."""

from datetime import UTC, datetime, timedelta, timezone

import click
import pytest

from workerhost.cli.scheduling.times import parse_duration, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("2.5", 2.5), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("1d2h3m4.5s", 93784.5), ("7d", 604800)],
)
def test_a_duration_is_a_number_of_seconds_or_has_units(text: str, seconds: float) -> None:
    found = parse_duration(text)
    assert (found, type(found)) == (seconds, type(seconds))


@pytest.mark.parametrize("text", ["", "5x", "-1", "1m1h", "1h30", "1e9", "٣", "9" * 5000, " 5", "inf"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no duration"):
        parse_duration(text)


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert parse_time("2026-01-05") == datetime(2026, 1, 5, tzinfo=UTC)
    assert parse_time("2026-01-05T09:00Z") == datetime(2026, 1, 5, 9, tzinfo=UTC)
    here = timezone(timedelta(hours=1))
    assert parse_time("2026-01-05T09:00+01:00") == datetime(2026, 1, 5, 9, tzinfo=here)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "12", "2026-01-05T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time"):
        parse_time(text)
