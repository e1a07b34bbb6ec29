"""How commands show things to people: tables, times, colours, and a sentence when something takes long.

Colours go to terminals alone, and not where NO_COLOR is set (https://no-color.org).
"""

import contextlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from workerhost.service_log.text import on_one_line

SLOW_SECONDS = 1.0
"""After this time a command says what it is waiting for."""

SHORT_BUILD_ID = 12

COLORS = {
    "completed": "green",
    "running": "cyan",
    "retrying": "yellow",
    "stuck": "yellow",
    "canceled": "yellow",
    "terminated": "yellow",
    "failed": "red",
    "timedout": "red",
}
"""Of words for states, in lower case and without what is between their parts."""


def colors() -> bool | None:
    """Return False where the user wants no colours, None for what fits where the output goes."""
    return False if os.environ.get("NO_COLOR") else None


def colored(word: str) -> str:
    """Return a word for a state in its colour."""
    color = COLORS.get(word.lower().replace("_", "").replace(" ", ""))
    return click.style(word, fg=color) if color else word


def show_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below a head, in columns that are as wide as they need to be."""
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = (value + " " * (width - _width(value)) for value, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def show_fields(fields: Sequence[tuple[str, object]]) -> None:
    """Print names with their values, one a line, without names that have no value."""
    shown = [(name, _cell(value)) for name, value in fields if value not in (None, "")]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        click.echo(f"{name.ljust(width)}  {value}")


def short(build_id: str | None) -> str:
    """Return as much of a build id as tells builds apart."""
    return build_id[:SHORT_BUILD_ID] if build_id else "-"


def duration(seconds: float) -> str:
    """Return a duration as people say it: `12 ms`, `1.5 s`, `2 min 5 s`, `3 h 4 min`, `5 d 6 h`."""
    if seconds < 0.9995:
        return f"{max(0, 1000 * seconds):.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller_size, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller_size
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def between(begin: datetime | None, end: datetime | None) -> str | None:
    """Return how long something took, None where it has not begun or ended."""
    return duration((end - begin).total_seconds()) if begin and end else None


def cut(text: str, most: int) -> str:
    """Return the text on one line, at most so many characters of it."""
    text = on_one_line(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def as_text(value: Any, most: int | None = None) -> str:
    """Return a value as JSON on one line, at most so many characters of it."""
    text = json.dumps(value, ensure_ascii=False)
    return on_one_line(text) if most is None else cut(text, most)


@contextlib.contextmanager
def said_when_slow(sentence: str, *, quiet: bool) -> Iterator[None]:
    """Say on standard error what is being done, if the block takes longer than a second.

    Args:
        sentence: what is being done.
        quiet: say nothing, for a program that reads standard error as the reason of a failure.
    """
    if quiet:
        yield
        return
    timer = threading.Timer(SLOW_SECONDS, click.echo, (sentence,), {"err": True})
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _width(cell: str) -> int:
    return len(click.unstyle(cell))


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)
