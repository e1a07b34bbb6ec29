"""One line as code of a project said it, before anybody has looked at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workerhost.code.capture.origin import Origin

LONGEST_MESSAGE = 10_000
"""Characters of a line that are kept."""

SLACK = 4096
"""Characters beyond that which are sent all the same: what is cut there may be the half of a secret, which nobody
recognises."""


@dataclass(frozen=True, slots=True)
class Said:
    """One line. In a host it is as trustworthy as whoever sent it."""

    at: float
    """Seconds since the epoch."""
    level: int
    """As Python's logging has it."""
    message: str
    logger: str | None = None
    """None for what was printed."""
    origin: Origin | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    missing: int = 0
    """Characters of the message that were left out at its end."""


Sink = Callable[[Said], None]
"""Takes lines; does not block, or no longer than the process may wait."""


def shortened(text: str) -> tuple[str, int]:
    """Return as much of a message as is sent, and how many characters are missing."""
    most = LONGEST_MESSAGE + SLACK
    return (text, 0) if len(text) <= most else (text[:most], len(text) - most)
