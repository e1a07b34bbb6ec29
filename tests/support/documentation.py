"""The documentation as its tests see it: pages, their blocks, and answers that hold `…`."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

FOLLOWED_ON_A_SERVICE = [
    "README.md",
    "docs/use.md",
    "docs/drawings.md",
    "docs/product.md",
    "docs/api.md",
    "docs/operate.md",
    "docs/observe.md",
]
FOLLOWED_IN_A_CLONE = ["CONTRIBUTING.md", "docs/architecture.md"]
FOLLOWED_IN_THEIR_OWN_WAY = ["docs/publish.md", "docs/plugins.md"]
WITHOUT_COMMANDS = ["CHANGELOG.md", "benchmarks/README.md", "docs/commands.md", "docs/figures.md", "docs/metrics.md"]
PAGES = [*FOLLOWED_ON_A_SERVICE, *FOLLOWED_IN_A_CLONE, *FOLLOWED_IN_THEIR_OWN_WAY, *WITHOUT_COMMANDS]

TAKES_MINUTES = ("./scripts/run-tests.sh -e ", "python3 -m venv .venv-dev")
"""How blocks begin that run tests by the hundred or install packages: what they name is looked up instead."""

COMMANDS = ("sh", "bash", "console")
FILES = ("python", "ini", "toml", "ts")
QUERIES = ("sql",)
ANSWERS = ("json", "text")

REST = "…"
"""In an answer of the documentation: whatever comes here."""

_BLOCK = re.compile(r"^[ >]*```(?P<language>\w*)\n(?P<text>.*?)^[ >]*```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"(?:#|//) (?P<path>[\w./-]+\.(?:py|cfg|toml|ts))(?P<more>, further down)?\n")

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a (?:id|name)="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block of a page.

    Attributes:
        place: page and line, for messages.
        answer: the block that shows what the command prints, where the page shows it right after.
    """

    place: str
    language: str
    text: str
    answer: "Block | None" = None

    @property
    def file(self) -> tuple[str, bool]:
        """The file that the first line names, and whether this goes at its end."""
        named = _FILE_NAME.match(self.text)
        assert named, f"{self.place}: the first line must name the file, as in `# workflow.py`"
        return named["path"], bool(named["more"])


def read_page(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def places(text: str) -> set[str]:
    """Return what a link may name in a page: its headings, as GitHub writes them in links, and anchors."""
    headings = [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in _HEADING.findall(text)]
    return {*headings, *_ANCHOR.findall(text)}


def blocks(page: str) -> list[Block]:
    """Return what a test does something with, in the page's order."""
    text = read_page(page)
    found: list[Block] = []
    last_end = 0
    for match in _BLOCK.finditer(text):
        block = Block(f"{page}:{text.count(chr(10), 0, match.start()) + 1}", match["language"], match["text"])
        if block.language in ANSWERS:
            follows = found and found[-1].language in COMMANDS and not text[last_end : match.start()].strip()
            if follows:
                found[-1] = Block(found[-1].place, found[-1].language, found[-1].text, block)
        else:
            known = block.language in COMMANDS + FILES + QUERIES
            assert known, f"{block.place}: no test knows what to do with a block of {block.language or 'no language'}"
            found.append(block)
        last_end = match.end()
    return found


def check_answer(command: Block, printed: str) -> None:
    """Compare what a command printed with what the page shows."""
    answer = command.answer
    assert answer is not None
    if answer.language == "text":
        pattern = re.escape(answer.text.strip()).replace(REST, ".*")
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), f"{answer.place} shows something else:\n{printed}"
        return
    shown = json.loads(answer.text)
    try:
        got = json.loads(printed)
    except ValueError:
        got = printed
    assert matches(shown, got), f"{answer.place} shows something else than: {json.dumps(got, ensure_ascii=False)}"


def matches(shown: Any, got: Any) -> bool:
    """Tell whether an answer is what the page shows; `…` stands for any value, items or further keys."""
    if isinstance(shown, dict):
        named = {key: value for key, value in shown.items() if key != REST}
        if not isinstance(got, dict) or not (
            named.keys() <= got.keys() if REST in shown else named.keys() == got.keys()
        ):
            return False
        return all(matches(value, got[key]) for key, value in named.items())
    if isinstance(shown, list):
        return isinstance(got, list) and _items_match(shown, got)
    if shown == REST:
        return got is not None
    if isinstance(shown, str) and REST in shown:
        return isinstance(got, str) and fnmatchcase(got, shown.replace(REST, "*"))
    return type(shown) is type(got) and bool(shown == got)


def _items_match(shown: Sequence[Any], got: Sequence[Any]) -> bool:
    if not shown:
        return not got
    if shown[0] == REST:
        return any(_items_match(shown[1:], got[skipped:]) for skipped in range(len(got) + 1))
    return bool(got) and matches(shown[0], got[0]) and _items_match(shown[1:], got[1:])
