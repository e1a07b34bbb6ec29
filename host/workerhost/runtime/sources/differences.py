"""What differs between the modules of two versions or builds, found in bounded time, whatever the sources are."""

import difflib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workerhost.words import ModuleChangeKind

MOST_LINES = 10_000
"""Lines of a module whose lines are compared. Finding the longest block that two such modules have in common takes
some tenths of a second at worst, since difflib passes over lines that stand there more than a hundred times."""

COMPARE_SECONDS = 2.0
"""How long the lines of all modules together may be compared. With sources that were made for it, difflib would go on
for hours."""


@dataclass(frozen=True)
class ModuleChange:
    """A module that two versions or builds do not have in common."""

    module: str
    kind: ModuleChangeKind
    diff: str | None
    """A unified diff; None where the lines could not be compared in time."""
    reason: str | None = None
    """Why there is no diff."""


class _OutOfTimeError(Exception):
    """The time for comparing is over."""


class _TimedMatcher(difflib.SequenceMatcher[str]):
    """Compares until a point in time, as `time.monotonic` tells it."""

    def __init__(self, old: Sequence[str], new: Sequence[str], deadline: float) -> None:
        self._deadline = deadline
        super().__init__(None, old, new)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """Return the longest block in common. difflib calls this for each block that it finds."""
        if time.monotonic() > self._deadline:
            raise _OutOfTimeError
        return super().find_longest_match(alo, ahi, blo, bhi)


def compare(old: Mapping[str, str], new: Mapping[str, str], seconds: float = COMPARE_SECONDS) -> list[ModuleChange]:
    """Return what has changed from `old` to `new`, sources by module name; in the order of the names.

    Args:
        old: the modules as they were.
        new: the modules as they are.
        seconds: how long lines are compared; what is left then has a reason in place of its diff.
    """
    deadline = time.monotonic() + seconds
    changed = (name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name))
    return [_change(name, old.get(name), new.get(name), deadline) for name in changed]


def _change(module: str, old: str | None, new: str | None, deadline: float) -> ModuleChange:
    if old is None:
        return ModuleChange(module, ModuleChangeKind.ADDED, _whole(module, new or "", "+"))
    if new is None:
        return ModuleChange(module, ModuleChangeKind.REMOVED, _whole(module, old, "-"))
    before, after = _lines(old), _lines(new)
    reason = None
    if max(len(before), len(after)) > MOST_LINES:
        reason = f"the module has more than {MOST_LINES} lines, which are not compared"
    else:
        try:
            return ModuleChange(module, ModuleChangeKind.CHANGED, _unified(module, before, after, deadline))
        except _OutOfTimeError:
            reason = "comparing the lines takes too long; get both sources and compare them yourself"
    return ModuleChange(module, ModuleChangeKind.CHANGED, None, reason)


def _unified(module: str, before: list[str], after: list[str], deadline: float) -> str:
    parts = [f"--- {module}\n", f"+++ {module}\n"]
    for group in _TimedMatcher(before, after, deadline).get_grouped_opcodes():
        _, first, _, start, _ = group[0]
        _, _, last, _, end = group[-1]
        parts.append(f"@@ -{_range(first, last)} +{_range(start, end)} @@\n")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                parts += _marked(" ", before[old_from:old_to])
            else:
                parts += _marked("-", before[old_from:old_to])
                parts += _marked("+", after[new_from:new_to])
    return "".join(parts)


def _whole(module: str, text: str, mark: str) -> str:
    """Return the diff of a module that one side does not have."""
    lines = _lines(text)
    place = _range(0, len(lines))
    names, places = (("/dev/null", module), ("0,0", place)) if mark == "+" else ((module, "/dev/null"), (place, "0,0"))
    head = f"--- {names[0]}\n+++ {names[1]}\n"
    return "".join([head, f"@@ -{places[0]} +{places[1]} @@\n", *_marked(mark, lines)]) if lines else head


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Return the lines with their ends. No other character ends a line than in a file, where splitlines knows more."""
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended


def _range(start: int, end: int) -> str:
    """Return a range of lines as unified diffs write it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
