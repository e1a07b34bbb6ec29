"""Makes the lines of one project's log of what is said: checked, within bounds, storable, and without secrets."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from workerhost.code.capture.fields import bounded_fields, plain_text
from workerhost.code.capture.origin import Origin
from workerhost.code.capture.said import LONGEST_MESSAGE, Said, shortened
from workerhost.observed import SEVERITIES, LogLevel, LogLine
from workerhost.project_settings import ProjectSettings
from workerhost.redaction import Redactor
from workerhost.words import BuildId

OLDEST, NEWEST = 120.0, 1.0
"""Seconds that a line's own time may be behind or ahead of the host's; any other time is the host's. Lines may wait for
long in a pipe, and no longer."""

LONGEST_NAME = 1000
"""Bytes of an id or a name; Temporal takes as many, and an index of PostgreSQL refuses a row of more than 2,704:
https://www.postgresql.org/docs/current/btree.html"""

HIGHEST_ATTEMPT = 2**31 - 1
"""The largest number that the database has for one."""

HOST = "workerhost"
"""The logger's name of what a host says itself."""

SHOWN = logging.getLogger("workerhost.project")
"""Where lines of projects are shown in the service's own log, by those who ask for it: its level decides."""

SHOWN.setLevel(logging.CRITICAL + 1)

_SHOWN_FIELDS = ("workflow_type", "workflow_id", "run_id", "activity", "attempt", "node")

TakeLine = Callable[[LogLine], None]

_NOWHERE = Origin()

_Place = tuple[str | None, str | None, str | None, BuildId | None, str | None, int | None, str | None]


class ProjectLog:
    """The log of one project, as those see it who write. Safe to use from any thread; takes microseconds.

    Args:
        project_id: whose lines they are, whatever they say themselves.
        take: takes each line; does not block.
        limits: of the project: its level, and what is secret.
    """

    def __init__(self, project_id: str, take: TakeLine, limits: ProjectSettings) -> None:
        self.project_id = project_id
        self._take = take
        self._known = _NOWHERE, _place(_NOWHERE)
        self.configure(limits)

    def configure(self, limits: ProjectSettings) -> None:
        """Follow the project's settings."""
        self._least = SEVERITIES[limits.log_level or LogLevel.INFO]
        self._redactor = Redactor.of_environment(limits.environment or {})

    def say(
        self, level: int, message: str, origin: Origin | None = None, fields: Mapping[str, Any] | None = None
    ) -> None:
        """Add a line that the host says of the project's code.

        Args:
            level: as Python's logging has it.
            message: that is said; what is too long is cut.
            origin: of what it is said of.
            fields: of the line, as JSON values.
        """
        self.take(said_by_host(level, message, origin, fields))

    def take(self, said: Said) -> None:
        """Take a line from wherever it comes; nothing in it is trusted."""
        if said.level < self._least:
            return
        redactor, origin = self._redactor, said.origin or _NOWHERE
        known = self._known
        if known[0] is not origin:
            self._known = known = origin, _place(origin)
        line = LogLine(
            _time(said.at),
            self.project_id,
            _level(said.level),
            self._message(said),
            *known[1],
            logger=_name(said.logger),
            fields=redactor.fields(bounded_fields(said.fields)) if said.fields else {},
        )
        self._take(line)
        if SHOWN.isEnabledFor(SEVERITIES[line.level]):  # loggers remember each number that they are asked for
            _show(line)

    def _message(self, said: Said) -> str:
        text = self._redactor.text(plain_text(said.message))
        missing = min(max(said.missing, 0), 2**53) + max(0, len(text) - LONGEST_MESSAGE)
        return f"{text[:LONGEST_MESSAGE]} … ({missing:,} more characters)" if missing else text


def said_by_host(
    level: int, message: str, origin: Origin | None = None, fields: Mapping[str, Any] | None = None
) -> Said:
    """Return a line that the host says of the project's code, as `ProjectLog.say` does."""
    text, missing = shortened(message)  # code of projects may fail with megabytes
    return Said(time.time(), level, text, HOST, origin, fields or {}, missing)


def show_lines() -> None:
    """Have lines of projects be shown in this process's own log, too, from INFO on."""
    SHOWN.setLevel(logging.INFO)


def _show(line: LogLine) -> None:
    place = {name: getattr(line, name) for name in _SHOWN_FIELDS}
    extra = {"project": line.project_id, **place}
    SHOWN.log(SEVERITIES[line.level], "project %s: %s", line.project_id, line.message, extra=extra)


def _place(origin: Origin) -> _Place:
    """Return where a line comes from, as far as it can be, in the order of the fields of `LogLine`."""
    return (
        _name(origin.workflow_id),
        _name(origin.run_id),
        _name(origin.workflow_type),
        BuildId(build) if (build := _name(origin.build_id)) else None,
        _name(origin.activity),
        origin.attempt if origin.attempt and 0 < origin.attempt <= HIGHEST_ATTEMPT else None,
        _name(origin.node),
    )


def _time(at: float) -> datetime:
    now = time.time()
    return datetime.fromtimestamp(at if now - OLDEST <= at <= now + NEWEST else now, UTC)


def _level(number: int) -> LogLevel:
    if number >= logging.ERROR:
        return LogLevel.ERROR
    if number >= logging.WARNING:
        return LogLevel.WARNING
    return LogLevel.INFO if number >= logging.INFO else LogLevel.DEBUG


def _name(text: str | None) -> str | None:
    if not text:
        return None
    name = plain_text(text[:LONGEST_NAME])
    if name.isascii() or len(name) <= LONGEST_NAME // 4:  # a character has four bytes at most
        return name
    return name.encode()[:LONGEST_NAME].decode("utf-8", "ignore")
