"""How often the processes of a project have died of late, and how long it waits for the next one."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from workerhost.errors import ProjectPutAsideError

WINDOW_SECONDS = 120.0
"""Deaths that are longer ago are forgotten."""

FREE_DEATHS = 2
"""How many in that time cost no delay."""

FIRST_DELAY, LONGEST_DELAY = 4.0, 60.0
"""Seconds after the next death; each one after it doubles them."""


class Deaths:
    """The deaths of one project's processes. Safe to use from any thread.

    Args:
        has_delays: whether they delay anything.
    """

    def __init__(self, *, has_delays: bool = True) -> None:
        self._has_delays = has_delays
        self._lock = threading.Lock()
        self._times: deque[float] = deque()
        self._last = ""
        self._next_at = 0.0

    def note(self, why: str, works: Sequence[str]) -> None:
        """Note that a process died, why, and what it worked on then."""
        now = time.monotonic()
        with self._lock:
            self._forget(now)
            self._times.append(now)
            self._last = why + (f" in {', '.join(works)}" if works else "")
            excess = len(self._times) - FREE_DEATHS
            if excess > 0 and self._has_delays:
                self._next_at = now + min(LONGEST_DELAY, FIRST_DELAY * 2 ** (excess - 1))

    def forgive(self) -> None:
        """Forget all deaths: somebody asks for another try now."""
        with self._lock:
            self._times.clear()
            self._next_at = 0.0

    def delay(self) -> float:
        """Return the seconds until there may be a process again; 0 where there may be one now."""
        return max(0.0, self._next_at - time.monotonic())

    def trouble(self) -> ProjectPutAsideError | None:
        """Return what is to be said of the project; None where nothing is."""
        now = time.monotonic()
        with self._lock:
            self._forget(now)
            count, next_at = len(self._times), self._next_at
        if count <= FREE_DEATHS:
            return None
        at = datetime.now(UTC) + timedelta(seconds=next_at - now)
        when = f"at {at:%Y-%m-%dT%H:%M:%SZ}" if next_at > now else "with its next task"
        return ProjectPutAsideError(
            f"worker died {count} times in {WINDOW_SECONDS / 60:g} minutes: {self._last}; it is tried again {when}"
        )

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] < now - WINDOW_SECONDS:
            self._times.popleft()
