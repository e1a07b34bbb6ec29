"""The pages of the documentation, without running what they show."""

import configparser
import re
import tomllib

import pytest

from support.documentation import PAGES, ROOT, TAKES_MINUTES, WITHOUT_COMMANDS, blocks


def named(pattern: str) -> set[str]:
    """Return what the commands that take minutes name."""
    texts = (block.text for page in PAGES for block in blocks(page) if block.text.startswith(TAKES_MINUTES))
    return {name for text in texts for names in re.findall(pattern, text) for name in names.split(",")}


def test_what_commands_that_take_minutes_name_is_there() -> None:
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert {"lint", "newest"} <= named(r" -e (\S+)") <= set(re.split(r",\s*", tox["tox"]["env_list"]))
    assert {"test"} <= named(r"--group (\S+)") <= set(groups)
    assert {path for path in named(r"((?:tests|plugins|scripts)/\S+)") if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", WITHOUT_COMMANDS)
def test_a_page_that_nobody_follows_has_nothing_to_follow(page: str) -> None:
    assert blocks(page) == []


def test_every_page_is_looked_at() -> None:
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
    assert sorted(path.relative_to(ROOT).as_posix() for path in found) == sorted(PAGES)
