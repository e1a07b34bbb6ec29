"""How much one project brings, and what of it is dropped."""

from dataclasses import dataclass

BURST_SECONDS = 5
"""For so many seconds' worth a project may bring lines at once."""

SAID_SECONDS = 5.0
"""While a project brings too much, its log says that often how much was dropped; at the end it says so at once."""

BYTES_OF_LINE = 1024
"""A line counts once for each of these that it has begun."""


@dataclass(slots=True)
class Flow:
    """What one project brings. Belongs to whoever holds the lock of the intake.

    Attributes:
        tokens: lines that may come now.
        filled_at: when that was so, in seconds of a clock that only goes forward.
        waiting: lines that wait to be written.
        waiting_bytes: what they take.
        dropped: lines that were dropped, and of which the log says nothing yet.
        dropped_at: when the last of these was.
        said_at: when the log said so last.
    """

    tokens: float
    filled_at: float
    waiting: int = 0
    waiting_bytes: int = 0
    dropped: int = 0
    dropped_at: float = 0.0
    said_at: float = 0.0

    def admits(self, size: int, rate: int, now: float) -> bool:
        """Return whether a line of so many bytes may come now, and count it where it does."""
        self.tokens = min(rate * BURST_SECONDS, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        cost = 1 + size // BYTES_OF_LINE
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True

    def charge(self, size: int) -> None:
        """Count so many more bytes of a line that was admitted: its fields and names."""
        self.tokens -= size // BYTES_OF_LINE

    def drop(self, now: float) -> None:
        """Count a line that is dropped."""
        if not self.dropped:
            self.said_at = now
        self.dropped += 1
        self.dropped_at = now

    def is_to_be_said(self, now: float) -> bool:
        """Return whether the log should say now how much was dropped: the flood has ended, or goes on for long."""
        return self.dropped > 0 and (now - self.dropped_at >= 1 or now - self.said_at >= SAID_SECONDS)

    def take_dropped(self, now: float) -> int:
        """Return how many lines were dropped, and count from 0 again."""
        dropped, self.dropped, self.said_at = self.dropped, 0, now
        return dropped

    @property
    def is_idle(self) -> bool:
        """Whether nothing need be known of it any more, but for what it has brought in the last seconds."""
        return not self.waiting and not self.dropped
