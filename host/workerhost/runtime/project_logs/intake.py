"""Takes the lines of projects' logs in, without ever holding up who brings them, and writes them in batches."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from workerhost.errors import StoreUnavailableError
from workerhost.observed import LogLine
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.project_logs.waiting_lines import WaitingLines
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.store.project_logs.values import NewLine

log = logging.getLogger(__name__)

WRITE_SECONDS = 1.0
"""Between two writes, unless many lines wait."""

AWAY_SECONDS = 1.0
"""How long is waited for a database that is away, until it is tried again."""

LAST_SECONDS = 5.0
"""How long writing what is left may take at a stop; what is not written by then is lost."""

MOST_REFUSED = 100
"""How often the database may refuse a part of the lines that are written together, until each other part that it
refuses is dropped as a whole."""

SEGMENTS = 16
"""Into how many parts the log of a project is cut that is as large as it may be: one goes at a time."""

AGES = 8
"""The same of one that is as old as it may be."""


class LogIntake:
    """Lines that wait to be written, and the thread `project-logs` that writes them.

    `take` is safe to use from any thread, event loops among them; `start` and `stop` belong to the main thread.

    Args:
        settings: whether lines are taken, and how many.
        store: where they are written.
        observer: learns how many are taken and dropped.
        tell: called by the thread with the projects of which lines were written; must not block.
    """

    def __init__(
        self, settings: Settings, store: Store, observer: Observer, tell: Callable[[frozenset[str]], None]
    ) -> None:
        self._is_on = settings.project_logs
        self._waiting = WaitingLines(settings.project_logs_rate, observer)
        segment_bytes = settings.project_logs_mb * 1_000_000 // SEGMENTS
        self._writer = store.project_logs.writer(segment_bytes, settings.project_logs_days * 86400 / AGES)
        self._tell = tell
        self._failures = RepeatedFailures(log)
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def take(self, line: LogLine) -> None:
        """Take a line; what a project brings too much of is dropped, and counted. Takes microseconds."""
        if self._is_on:
            self._waiting.add(line)

    def start(self) -> None:
        """Start to write."""
        if self._is_on:
            self._thread = threading.Thread(target=self._write_on, name="project-logs", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end the thread. Calling this again, or before `start`, does nothing."""
        self._ending.set()
        self._waiting.end()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _write_on(self) -> None:
        last = 0.0
        while self._waiting.wait(last + WRITE_SECONDS):
            last = time.monotonic()
            self._write_some()
        until = time.monotonic() + LAST_SECONDS
        left: Sequence[NewLine] = ()
        while not left and time.monotonic() < until and (lines := self._waiting.take()):
            left = self._write(lines)
        if lost := len(left) + self._waiting.count:
            log.warning("%d lines of projects' logs are lost: they could not be written before the end", lost)

    def _write_some(self) -> None:
        if left := self._write(self._waiting.take()):
            self._waiting.put_back(left)
            self._ending.wait(AWAY_SECONDS)

    def _write(self, lines: Sequence[NewLine]) -> Sequence[NewLine]:
        """Write lines, and return those that are to be written again. What the database refuses is dropped."""
        tries, parts = MOST_REFUSED, deque([lines])
        while parts:
            part = parts.popleft()
            try:
                if part:
                    self._writer.write(part)
                    self._tell(frozenset(each.line.project_id for each in part))
            except StoreUnavailableError as error:
                self._failures.note("database", f"the logs of projects wait to be written: {error}")
                return [*part, *(line for each in parts for line in each)]
            except Exception as error:
                # Whatever is wrong with one of them must not cost the others, which may be of other projects.
                tries -= 1
                if len(part) > 1 and tries > 0:
                    middle = len(part) // 2
                    parts.extendleft([part[middle:], part[:middle]])
                    continue
                self._failures.note("refused", "the database refuses lines of projects' logs", error=error)
                self._waiting.drop(part)
        self._failures.over("database", "the logs of projects are written again")
        return ()
