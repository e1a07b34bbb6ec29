"""Lines of a project's log as people read them."""

from datetime import UTC

import click

from workerhost.answers import LogLineInfo
from workerhost.cli.output import as_text, cut
from workerhost.service_log.text import on_one_line

COLORS = {"debug": "bright_black", "warning": "yellow", "error": "red"}
LEVEL_WIDTH = len("WARNING")
NAME_WIDTH = 60
FIELDS_WIDTH = 500


def log_text(line: LogLineInfo) -> str:
    """Return a line of a log for a terminal: time, level, where it comes from, and what it says.

    What the code has written neither speaks to the terminal nor looks like a line of its own: control characters are
    shown as they are written in Python, and further lines of a message are indented.
    """
    at = line.at.astimezone(UTC)
    level = click.style(cut(line.level.upper(), LEVEL_WIDTH).ljust(LEVEL_WIDTH), fg=COLORS.get(line.level))
    fields = f"  {as_text(line.fields, FIELDS_WIDTH)}" if line.fields else ""
    message = "\n    ".join(on_one_line(each) for each in line.message.rstrip().splitlines())
    source = _source(line)
    where = f"{click.style(source, fg='cyan')}  " if source else ""
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}Z  {level}  {where}{message}{fields}"


def _source(line: LogLineInfo) -> str:
    """Return the run, and the activity with the try of it that is not the first, as far as they are known."""
    again = f" (try {line.attempt})" if line.attempt and line.attempt > 1 else ""
    activity = f"{cut(line.activity, NAME_WIDTH)}{again}" if line.activity else ""
    return " ".join(part for part in (cut(line.workflow_id or "", NAME_WIDTH), activity) if part)
