"""Keeps the logs of projects within their size and their age."""

import threading
import time
from datetime import UTC, datetime, timedelta

from workerhost.settings import Settings
from workerhost.store import Store

LOOK_SECONDS = 15.0
"""How often the logs are looked at that were written to; where none was, nothing is asked of the database."""

FULL_LOOK_SECONDS = 3600.0
"""How often all logs are looked at: for lines that have grown old, and for those of projects that were deleted."""

PAUSE_SECONDS = 0.02
"""Between two deletions, so that others can write on SQLite."""


class LogTrimmer:
    """Deletes the oldest lines of logs. Safe to use from any thread; several hosts may do so at once.

    Args:
        settings: how much is kept, and for how long.
        store: where the lines are.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._trimmer = store.project_logs.trimmer
        self._most_bytes = settings.project_logs_mb * 1_000_000
        self._age = timedelta(days=settings.project_logs_days)
        self._lock = threading.Lock()
        self._written: set[str] = set()
        self._next_full_look = 0.0
        self._stopping = threading.Event()

    def note(self, project_ids: frozenset[str]) -> None:
        """Note that lines of these projects were written. Does not block."""
        with self._lock:
            self._written |= project_ids

    def look_at_all_soon(self) -> None:
        """Have all logs looked at the next time, since a project was deleted. Does not block."""
        with self._lock:
            self._next_full_look = 0.0

    def stop(self) -> None:
        """Have a look that is under way end."""
        self._stopping.set()

    def trim_logs(self) -> None:
        """Delete what is too much.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with self._lock:
            written, self._written = self._written, set()
            is_full = time.monotonic() >= self._next_full_look
            if is_full:
                self._next_full_look = time.monotonic() + FULL_LOOK_SECONDS
        if not is_full and not written:
            return
        oldest = datetime.now(UTC) - self._age
        for segment in self._trimmer.find(self._most_bytes, oldest, None if is_full else written):
            while not self._stopping.is_set() and not self._trimmer.drop_some(segment):
                self._stopping.wait(PAUSE_SECONDS)
