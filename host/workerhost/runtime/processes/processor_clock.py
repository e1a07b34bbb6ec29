"""How long a process has run on a processor."""

import threading
import time

_CLOCK = 2
"""Of a process, in the id of the clock that `clock_getcpuclockid(3)` makes of its id."""


SMALLEST_PART = 0.01
"""Seconds; less is told when there is more, so that a process that only waits makes nobody write."""


def processor_seconds(process_id: int) -> float:
    """Return how long a process has run on a processor; 0 where it has ended."""
    try:
        return time.clock_gettime(~process_id << 3 | _CLOCK)
    except OSError:
        return 0.0


class ProcessorMeter:
    """Tells part by part how long a process has run on processors. Safe to use from any thread.

    The clock of a process shows what its own threads use. What processes used that it has started and waited for shows
    when it has ended.
    """

    def __init__(self) -> None:
        self.used_at_end: float | None = None
        """Seconds in all, once it has ended; None where that is not known."""
        self._lock = threading.Lock()
        self._told = 0.0

    def part(self, used: float) -> float:
        """Return the seconds since those that were returned last, or 0 where they are too few to be told.

        Args:
            used: what the process's clock shows.
        """
        with self._lock:
            at_end = self.used_at_end
            part = max(used, at_end or 0.0) - self._told
            if part < SMALLEST_PART and (at_end is None or part <= 0):
                return 0.0
            self._told += part
            return part
