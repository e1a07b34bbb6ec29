"""The pictures of the documentation are what `scripts/draw_docs.py` makes of their descriptions, and can be read."""

from itertools import combinations
from pathlib import Path

import pytest

from draw_docs import DOCS, descriptions, draw, picture_of
from pictures.sequence import draw_sequence

NAMES = [path.stem for path in descriptions()]


def description(name: str) -> Path:
    return DOCS / "pictures" / f"{name}.toml"


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_what_the_command_makes_of_its_description(name: str) -> None:
    drawn = draw(description(name)).svg
    assert picture_of(description(name)).read_text() == drawn, "run: python scripts/draw_docs.py"


def test_every_picture_has_a_description() -> None:
    assert sorted(path.stem for path in DOCS.glob("*.svg")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_picture_overlaps_another_one_or_is_cut_off(name: str) -> None:
    canvas = draw(description(name)).canvas
    assert [(one.text, other.text) for one, other in combinations(canvas.texts, 2) if one.overlaps(other)] == []
    for text in canvas.texts:
        assert text.left >= 0, text
        assert text.right <= canvas.width, text
        assert text.top >= 0, text
        assert text.bottom <= canvas.height, text


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_shown_on_a_page(name: str) -> None:
    assert [page.name for page in DOCS.glob("*.md") if f"]({name}.svg)" in page.read_text()]


@pytest.mark.parametrize("step", ["a => b: text", "a: text\nb without a colon", "a -> nobody: text"])
def test_a_step_that_says_nothing_is_refused(step: str) -> None:
    lanes = {name: {"head": name, "colour": "blue"} for name in ("a", "b")}
    with pytest.raises(ValueError, match=r"is not a step|is not in list"):
        draw_sequence({"lanes": lanes, "steps": step, "colours": {}})
