"""What plugin authors get for their tests is documented."""

from pathlib import Path

import pytest

from workerhost import testing

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


@pytest.mark.parametrize("name", testing.__all__)
def test_every_fixture_and_helper_is_in_the_page_about_plugins(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"`{name}`" in page or f"import {name}\n" in page


@pytest.mark.parametrize("name", testing.__all__)
def test_every_fixture_and_helper_is_described(name: str) -> None:
    described = getattr(testing, name)
    assert name == "ECHO" or described.__doc__
