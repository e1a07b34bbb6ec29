"""Lines that wait to be written: bounded, by what each project brings and by all together."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter

from pydantic_core import to_json

from workerhost.observed import LogLevel, LogLine
from workerhost.runtime.observing.observers import Observer
from workerhost.runtime.project_logs.flow import BURST_SECONDS, Flow
from workerhost.store.project_logs.values import NewLine
from workerhost.store.project_logs.writing import BATCH

MOST_LINES, MOST_BYTES = 50_000, 64 * 1024**2
"""That wait at once; past that the oldest go."""

MOST_OF_PROJECT = 0.5
"""Which part of these the lines of one project may be, so that it cannot push out those of all others."""

MOST_FLOWS = 20_000
"""Projects of which it is known what they have brought; past that those are forgotten that bring nothing."""

GATHER_SECONDS = 0.1
"""After the first line others are waited for that long."""

OVERHEAD_BYTES = 150
"""About what a line takes beside its texts."""

_time = attrgetter("line.at")
_names = attrgetter("workflow_id", "run_id", "workflow_type", "build_id", "activity", "node", "logger")


class WaitingLines:
    """Lines that wait to be written. Safe to use from any thread; nothing is awaited under its lock.

    Args:
        rate: lines a second that a project may bring.
        observer: learns how many are taken and dropped.
    """

    def __init__(self, rate: int, observer: Observer) -> None:
        self._observer = observer
        self._rate = rate
        self._lines: deque[NewLine] = deque()
        self._bytes = 0
        self._flows: dict[str, Flow] = {}
        self._flooding: set[str] = set()
        self._is_ended = False
        # Taken by itself for each line, which is faster. It can be taken again by whoever holds it: what is freed
        # meanwhile may print.
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._lines)

    def add(self, line: LogLine) -> None:
        """Have a line wait, or drop it and count it where its project brings too much."""
        now = time.monotonic()
        with self._lock:
            # Before it is looked at: what is dropped anyway need cost nothing more.
            flow = self._flow(line.project_id, now)
            size = len(line.message)
            is_full = flow.waiting >= MOST_OF_PROJECT * MOST_LINES or flow.waiting_bytes >= MOST_OF_PROJECT * MOST_BYTES
            if is_full or not flow.admits(size, self._rate, now):
                self._drop(line.project_id, now)
                return
        ready = _ready(line)
        with self._lock:
            self._append(ready, now)
            self._flow(line.project_id, now).charge(ready.size - size)
            if len(self._lines) in (1, BATCH):
                self._news.notify()
        self._observer.log_lines_taken(line.project_id, line.level)

    def wait(self, until: float) -> bool:
        """Wait until lines are to be written, or it is to be said that some were dropped.

        Args:
            until: the time before which a few lines are not written, in seconds of `time.monotonic`.

        Returns:
            False where the intake has ended.
        """
        with self._news:
            self._news.wait_for(lambda: self._lines or self._flooding or self._is_ended)
            pause = max(GATHER_SECONDS, until - time.monotonic())
            self._news.wait_for(lambda: len(self._lines) >= BATCH or self._is_ended, pause)
            return not self._is_ended

    def end(self) -> None:
        """Have nobody wait any more."""
        with self._news:
            self._is_ended = True
            self._news.notify_all()

    def take(self) -> Sequence[NewLine]:
        """Return the oldest lines, as many as are written at once, and lines that say how many were dropped.

        They are in the order of their times: what a host says of a failure may come before what the code said first,
        since that comes another way.
        """
        now = time.monotonic()
        with self._news:
            taken = [self._pop() for _ in range(min(BATCH, len(self._lines)))]
            flooding = [each for each in sorted(self._flooding) if self._is_to_be_said(each, now)]
            said = [self._dropped_line(each, now) for each in flooding[:BATCH]]  # others with the next lines
            self._forget_idle(now)
        taken.sort(key=_time)
        return [*taken, *said]

    def put_back(self, lines: Sequence[NewLine]) -> None:
        """Have lines wait again that could not be written, before all others; the oldest go where they are too many.

        What was to be said of dropped lines is counted on, and said when lines are taken again: among lines that wait
        it would be dropped in its turn.
        """
        now = time.monotonic()
        with self._news:
            for each in reversed(lines):
                flow = self._flow(each.line.project_id, now)
                if each.dropped:
                    self._note_dropped(each, flow)
                    continue
                flow.waiting += 1
                flow.waiting_bytes += each.size
                self._bytes += each.size
                self._lines.appendleft(each)
            self._drop_oldest(now)

    def drop(self, lines: Sequence[NewLine]) -> None:
        """Count lines that were taken and cannot be written."""
        now = time.monotonic()
        with self._news:
            for each in lines:
                flow = self._flow(each.line.project_id, now)
                if each.dropped:
                    self._note_dropped(each, flow)
                else:
                    self._drop(each.line.project_id, now)

    def _flow(self, project_id: str, now: float) -> Flow:
        flow = self._flows.get(project_id)
        if flow is None:
            flow = self._flows[project_id] = Flow(self._rate * BURST_SECONDS, now)
        return flow

    def _append(self, line: NewLine, now: float) -> None:
        flow = self._flow(line.line.project_id, now)
        flow.waiting += 1
        flow.waiting_bytes += line.size
        self._bytes += line.size
        self._lines.append(line)
        if len(self._lines) > MOST_LINES or self._bytes > MOST_BYTES:
            self._drop_oldest(now)

    def _pop(self) -> NewLine:
        line = self._lines.popleft()
        self._bytes -= line.size
        flow = self._flows[line.line.project_id]
        flow.waiting -= 1
        flow.waiting_bytes -= line.size
        return line

    def _drop_oldest(self, now: float) -> None:
        while len(self._lines) > MOST_LINES or self._bytes > MOST_BYTES:
            self._drop(self._pop().line.project_id, now)

    def _drop(self, project_id: str, now: float) -> None:
        self._flows[project_id].drop(now)
        self._observer.log_lines_dropped(project_id, 1)
        if project_id not in self._flooding:
            self._flooding.add(project_id)
            self._news.notify()

    def _note_dropped(self, said: NewLine, flow: Flow) -> None:
        """Have the log say later what it could not say now."""
        flow.dropped += said.dropped
        self._flooding.add(said.line.project_id)

    def _is_to_be_said(self, project_id: str, now: float) -> bool:
        return self._is_ended or self._flows[project_id].is_to_be_said(now)

    def _dropped_line(self, project_id: str, now: float) -> NewLine:
        dropped = self._flows[project_id].take_dropped(now)
        self._flooding.discard(project_id)
        message = f"{dropped} line{' was' if dropped == 1 else 's were'} dropped"
        line = LogLine(datetime.now(UTC), project_id, LogLevel.WARNING, message, fields={"dropped": dropped})
        return replace(_ready(line), dropped=dropped)

    def _forget_idle(self, now: float) -> None:
        if len(self._flows) > MOST_FLOWS:
            idle = [each for each, flow in self._flows.items() if flow.is_idle and now - flow.filled_at > BURST_SECONDS]
            for each in idle:
                del self._flows[each]


def _ready(line: LogLine) -> NewLine:
    fields = to_json(line.fields).decode() if line.fields else None
    size = OVERHEAD_BYTES + len(line.message) + sum(len(each) for each in _names(line) if each) + len(fields or "")
    return NewLine(line, fields, size)
