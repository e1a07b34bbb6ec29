"""How commands show things to people: tables, times, and a sentence when something takes long."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click

SLOW_SECONDS = 1.0
"""After this time a command says what it is waiting for."""

SHORT_BUILD_ID = 12


def show_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below a head, in columns that are as wide as they need to be."""
    lines = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        click.echo("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def show_fields(fields: Sequence[tuple[str, object]]) -> None:
    """Print names with their values, one a line, without names that have no value."""
    shown = [(name, _cell(value)) for name, value in fields if value not in (None, "")]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        click.echo(f"{name.ljust(width)}  {value}")


def short(build_id: str | None) -> str:
    """Return as much of a build id as tells builds apart."""
    return build_id[:SHORT_BUILD_ID] if build_id else "-"


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


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)
