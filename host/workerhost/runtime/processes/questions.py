"""What project processes are asked, and what there is in the place of an answer."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field


class ProcessEndedError(Exception):
    """A project process ended before it answered.

    Args:
        why: it ended, and how.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"the project's process has ended: {why}")
        self.why = why


class OverspentError(Exception):
    """An activity has used more of the processor than it may."""


class NotAskedError(Exception):
    """A project process is about to end, and was not asked; another one can be."""


class NoAnswerError(Exception):
    """A project process says why it has no other answer."""


@dataclass
class Question:
    """What a process was asked and has not answered."""

    what: str
    """For sentences: what it works on."""
    answer: "Future[bytes]" = field(default_factory=Future)
    on_heartbeat: Callable[[bytes], None] | None = None
    is_activity: bool = False
    is_activation: bool = False
    began: float = field(default_factory=time.monotonic)
    """When it was asked."""
    used: float = 0.0
    """Seconds that the process had run on a processor then."""
    is_final: bool = False
    """Whether it is not to be asked again if the process ends before it has answered."""
    spent: float = 0.0
    """Of an activity: the seconds that the process has run on a processor for it alone."""

    def __post_init__(self) -> None:
        """Have nobody but the process end it."""
        self.answer.set_running_or_notify_cancel()
