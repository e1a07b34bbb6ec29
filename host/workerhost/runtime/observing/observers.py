"""Who is told what happens to projects in a host: one interface, and many who listen."""

import logging
from collections.abc import Iterable
from typing import Any

from workerhost.observed import ActivityEnd, LogLevel, RunEnd

log = logging.getLogger(__name__)


class Observer:
    """Learns what happens; each method does nothing here, for those who want to know about something else.

    Methods are called on whichever thread something happens, event loops among them: they must not block, and they are
    safe to call from any thread.
    """

    def activity_ended(self, end: ActivityEnd) -> None:
        """Learn that an attempt of an activity has ended."""

    def run_began(self, project_id: str) -> None:
        """Learn that a run has done its first workflow task here."""

    def run_ended(self, end: RunEnd) -> None:
        """Learn that a run has done its last workflow task here."""

    def acted(self, project_id: str, actions: int) -> None:
        """Learn of something that Temporal Cloud would count as so many actions."""

    def computed(self, project_id: str, seconds: float) -> None:
        """Learn that processes of the project have used a processor for so long."""

    def published(self, project_id: str, *, is_accepted: bool, code: str = "") -> None:
        """Learn that code of the project was published, or refused with the error of that code."""

    def process_began(self, project_id: str) -> None:
        """Learn that a process of the project was forked."""

    def process_died(self, project_id: str, why: str) -> None:
        """Learn that a process of the project has ended although nobody wanted it to."""

    def worker_started(self, project_id: str, seconds: float) -> None:
        """Learn that the project's worker polls, so long after it began to start."""

    def worker_failed(self, project_id: str) -> None:
        """Learn that the project's worker could not start, or does not run any more."""

    def worker_stopped(self, project_id: str) -> None:
        """Learn that a worker of the project has ended for good, before anybody else learns it."""

    def leases_moved(self, claimed: int, released: int) -> None:
        """Learn how many leases this host has claimed, and how many it has let go."""

    def workers_lost(self, count: int) -> None:
        """Learn that this host has freed what so many workers of a dead host ran."""

    def log_lines_taken(self, project_id: str, level: LogLevel, count: int = 1) -> None:
        """Learn that lines of the project's log were taken."""

    def log_lines_dropped(self, project_id: str, count: int) -> None:
        """Learn that lines of the project's log were dropped, since there were too many."""


class Observers(Observer):
    """Tells all of them; one that fails harms neither the others nor the caller. Safe to use from any thread.

    Args:
        observers: who is told, in order.
    """

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._has_failed: set[int] = set()
        # Most do nothing about most: they are left out here rather than called for each activity.
        everybody = tuple(observers)
        self._listeners = {name: [each for each in everybody if _listens(each, name)] for name in _NAMES}

    def activity_ended(self, end: ActivityEnd) -> None:
        """Tell all."""
        self._tell("activity_ended", end)

    def run_began(self, project_id: str) -> None:
        """Tell all."""
        self._tell("run_began", project_id)

    def run_ended(self, end: RunEnd) -> None:
        """Tell all."""
        self._tell("run_ended", end)

    def acted(self, project_id: str, actions: int) -> None:
        """Tell all."""
        self._tell("acted", project_id, actions)

    def computed(self, project_id: str, seconds: float) -> None:
        """Tell all."""
        self._tell("computed", project_id, seconds)

    def published(self, project_id: str, *, is_accepted: bool, code: str = "") -> None:
        """Tell all."""
        self._tell("published", project_id, is_accepted=is_accepted, code=code)

    def process_began(self, project_id: str) -> None:
        """Tell all."""
        self._tell("process_began", project_id)

    def process_died(self, project_id: str, why: str) -> None:
        """Tell all."""
        self._tell("process_died", project_id, why)

    def worker_started(self, project_id: str, seconds: float) -> None:
        """Tell all."""
        self._tell("worker_started", project_id, seconds)

    def worker_failed(self, project_id: str) -> None:
        """Tell all."""
        self._tell("worker_failed", project_id)

    def worker_stopped(self, project_id: str) -> None:
        """Tell all."""
        self._tell("worker_stopped", project_id)

    def leases_moved(self, claimed: int, released: int) -> None:
        """Tell all."""
        self._tell("leases_moved", claimed, released)

    def workers_lost(self, count: int) -> None:
        """Tell all."""
        self._tell("workers_lost", count)

    def log_lines_taken(self, project_id: str, level: LogLevel, count: int = 1) -> None:
        """Tell all."""
        self._tell("log_lines_taken", project_id, level, count)

    def log_lines_dropped(self, project_id: str, count: int) -> None:
        """Tell all."""
        self._tell("log_lines_dropped", project_id, count)

    def _tell(self, name: str, *values: Any, **named: Any) -> None:
        for each in self._listeners[name]:
            try:
                getattr(each, name)(*values, **named)
            except Exception:
                if id(each) not in self._has_failed:  # said once: what fails here may fail a thousand times a second
                    self._has_failed.add(id(each))
                    log.exception("%s does not learn of everything", type(each).__name__)


_NAMES = tuple(name for name in vars(Observer) if not name.startswith("_"))


def _listens(observer: Observer, name: str) -> bool:
    return getattr(type(observer), name) is not getattr(Observer, name)
