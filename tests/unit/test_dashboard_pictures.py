"""The picture of a dashboard: numbers as people read them, scales, and lines with gaps."""

import pytest

from pictures.board import fitting
from pictures.canvas import width_of
from pictures.plot import Line, pieces, stacked
from pictures.scale import shown, ticks


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "count", "0"),
        (41.0, "count", "41"),
        (12_345.0, "count", "12.3k"),
        (0.0523, "share", "5.23%"),
        (0.25, "seconds", "250 ms"),
        (90.0, "seconds", "90 s"),
        (600.0, "seconds", "10 min"),
        (2.5, "perSecond", "2.5/s"),
        (110_000_000.0, "bytes", "110 MB"),
    ],
)
def test_a_number_is_shown_with_its_unit(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize("highest", [0.0004, 0.9, 1.0, 3.0, 7.0, 12.0, 999.0])
def test_a_scale_has_few_even_lines_and_ends_above_all_values(highest: float) -> None:
    lines = ticks(highest)
    assert 3 <= len(lines) <= 6
    assert lines[-1] >= highest * 0.999
    assert lines[0] == 0


def test_a_gap_stays_a_gap_and_areas_stand_on_each_other() -> None:
    assert pieces([(0.0, 1.0), (0.0, None), (0.0, 2.0), (0.0, 3.0)]) == [
        (0, [(0.0, 1.0)]),
        (2, [(0.0, 2.0), (0.0, 3.0)]),
    ]
    below, above = Line("a", "green", [1.0, 2.0]), Line("b", "red", [3.0, None])
    assert stacked([below, above]) == [[(0.0, 1.0), (0.0, 2.0)], [(1.0, 4.0), (2.0, 2.0)]]


def test_a_name_that_is_too_long_is_cut() -> None:
    assert fitting("short", 100) == "short"
    cut = fitting("a name that goes on and on", 100)
    assert cut.endswith("…")
    assert width_of(cut) <= 100
