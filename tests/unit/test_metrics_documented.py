"""The page about metrics describes every family, as it is."""

import re

from support.documentation import read_page
from workerhost.runtime.metrics.families import FAMILIES, MOST_NAMES, MOST_PAIRS

ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<kind>\w+) \| (?P<labels>.*) \| (?P<help>.+) \|$", re.MULTILINE)


def test_the_table_is_what_is_exposed() -> None:
    rows = [each.groupdict() for each in ROW.finditer(read_page("docs/metrics.md"))]
    assert rows == [
        {
            "name": family.name,
            "kind": family.kind,
            "labels": ", ".join(f"`{label}`" for label in family.labels),
            "help": family.help,
        }
        for family in FAMILIES
    ]


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"have {MOST_NAMES} values for each project, and {MOST_PAIRS} for each" in read_page("docs/metrics.md")
