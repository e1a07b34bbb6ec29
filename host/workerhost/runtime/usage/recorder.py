"""Counts what projects use on this host, and has it written by day."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from workerhost.observed import ActivityEnd, RunEnd
from workerhost.runtime.observing.observers import Observer
from workerhost.store.usage import UsageFigures, UsageRow

Key = tuple[str, date]
"""A project, and a day in UTC."""


def _today() -> date:
    return datetime.now(UTC).date()


class _Counts:
    """What a project has used on a day, and how much of that is written."""

    __slots__ = ("actions", "activity_seconds", "cpu_seconds", "executions", "history_bytes", "publishes", "written")

    def __init__(self) -> None:
        self.executions = self.actions = self.history_bytes = self.publishes = 0
        self.activity_seconds = self.cpu_seconds = 0.0
        self.written = UsageFigures()

    def figures(self) -> UsageFigures:
        return UsageFigures(
            self.executions,
            self.actions,
            self.activity_seconds,
            self.cpu_seconds,
            self.history_bytes,
            self.publishes,
        )


class UsageRecorder(Observer):
    """Counts by project and day. Safe to use from any thread; no call blocks for longer than some additions take.

    What is in memory is an entry for each project that has used something today, and for each day that could not be
    written yet.

    Args:
        today: tells the day in UTC.
    """

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._today = today
        self._day = today()
        self._lock = threading.Lock()
        self._counts: dict[Key, _Counts] = {}
        self._changed: set[Key] = set()
        self._writer = uuid.uuid4().hex[:12]
        """Another one after each start, so that figures never replace those of an earlier process."""

    def activity_ended(self, end: ActivityEnd) -> None:
        """Count how long the attempt took."""
        with self._lock:
            self._of(end.project_id).activity_seconds += end.seconds

    def run_began(self, project_id: str) -> None:
        """Count the run."""
        with self._lock:
            self._of(project_id).executions += 1

    def run_ended(self, end: RunEnd) -> None:
        """Count the bytes of its history."""
        with self._lock:
            self._of(end.project_id).history_bytes += end.history_bytes

    def acted(self, project_id: str, actions: int) -> None:
        """Count the actions."""
        with self._lock:
            self._of(project_id).actions += actions

    def computed(self, project_id: str, seconds: float) -> None:
        """Count the seconds on a processor."""
        with self._lock:
            self._of(project_id).cpu_seconds += seconds

    def published(self, project_id: str, *, is_accepted: bool, code: str = "") -> None:
        """Count a publish that was accepted."""
        if is_accepted:
            with self._lock:
                self._of(project_id).publishes += 1

    def _of(self, project_id: str) -> _Counts:
        self._advance()
        key = (project_id, self._day)
        self._changed.add(key)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = _Counts()
        return counts

    def _advance(self) -> None:
        # A clock that is set back must not open a day again whose figures have left the memory.
        self._day = max(self._day, self._today())

    def write(self, save: Callable[[list[UsageRow]], None]) -> None:
        """Have everything saved that has changed since the last write; nothing is done where nothing has.

        To be called by one thread at a time. Where `save` raises, all is kept for the next write.

        Args:
            save: writes rows, of which each replaces what was saved of the same project, day and writer.
        """
        with self._lock:
            self._advance()
            # The rows of days before yesterday may have been summed up with those of others meanwhile: what is still to
            # be written of them is added by a row of its own.
            late = self._day - timedelta(days=1)
            taken = {key: self._counts[key].figures() for key in self._changed}
            rows = [self._row(key, taken[key], is_late=key[1] < late) for key in sorted(taken)]
            self._changed.clear()
        if not rows:
            return
        try:
            save(rows)
        except BaseException:
            with self._lock:
                self._changed.update(taken)
            raise
        self._note_written(taken)

    def _note_written(self, taken: dict[Key, UsageFigures]) -> None:
        with self._lock:
            for key, figures in taken.items():
                self._counts[key].written = figures
            for key in [key for key in self._counts if key[1] < self._day and key not in self._changed]:
                del self._counts[key]

    def _row(self, key: Key, figures: UsageFigures, *, is_late: bool) -> UsageRow:
        project_id, day = key
        if is_late:
            return UsageRow(project_id, day, f"{self._writer}-late", figures - self._counts[key].written)
        return UsageRow(project_id, day, self._writer, figures)
