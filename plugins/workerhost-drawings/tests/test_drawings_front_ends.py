"""Front ends are small: what several formats need stands in rooms that all of them share."""

from pathlib import Path

import pytest

import workerhost_drawings

ROOM = Path(workerhost_drawings.__file__).parent


@pytest.mark.parametrize("front_end", ["canvas", "open_workflow"])
def test_a_front_end_has_fewer_than_1000_lines(front_end: str) -> None:
    modules = sorted((ROOM / front_end).rglob("*.py"))
    assert modules
    assert sum(len(each.read_text().splitlines()) for each in modules) < 1000
