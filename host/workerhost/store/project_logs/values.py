"""Lines as they are written and read, and what lines are told apart by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workerhost.observed import SEVERITIES, LogLevel, LogLine


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line that is to be written. Its texts hold nothing that a database cannot store."""

    line: LogLine
    fields: str | None
    """What the code has added, as the text of a JSON object; None for nothing."""
    size: int
    """About the bytes that it takes."""
    dropped: int = 0
    """How many lines it says were dropped; 0 for a line of any other kind."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line that was written."""

    id: int
    """Grows in the order in which lines become visible: who has seen one has seen all with lower ids."""
    line: LogLine
    shown: list[str] = field(default_factory=list, compare=False, repr=False)
    """The text that was made of it to show it, once for all who follow; empty until then."""


@dataclass(frozen=True)
class LogFilter:
    """Which lines are meant; what is None admits all."""

    run_id: str | None = None
    workflow_id: str | None = None
    activity: str | None = None
    node: str | None = None
    level: LogLevel | None = None
    """The least severe one that is admitted."""
    after: datetime | None = None
    """They were made at that time or after it."""
    before: datetime | None = None
    """They were made before that time."""
    text: str | None = None
    """Their message holds it, in upper or lower case."""

    def admits(self, line: LogLine) -> bool:
        """Return whether a line is meant."""
        return (
            self.run_id in (None, line.run_id)
            and self.workflow_id in (None, line.workflow_id)
            and self.activity in (None, line.activity)
            and self.node in (None, line.node)
            and (self.level is None or SEVERITIES[line.level] >= SEVERITIES[self.level])
            and (self.after is None or line.at >= self.after)
            and (self.before is None or line.at < self.before)
            and (self.text is None or self.text.lower() in line.message.lower())
        )


EVERYTHING = LogFilter()


@dataclass(frozen=True)
class FoundLines:
    """Some lines of a log, and where it goes on."""

    lines: Sequence[StoredLine]
    next_id: int | None
    """The id at which the rest begins, which may hold no line that is meant; None where nothing is left."""


@dataclass(frozen=True)
class Segment:
    """What one host has written to the log of a project in a while, as far as trimming asks."""

    project_id: str
    name: str
    first_id: int
    last_id: int
    last_at: datetime
    lines: int
    bytes: int
    is_removed: bool
