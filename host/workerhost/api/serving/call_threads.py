"""The threads that run calls."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from workerhost.errors import BusyError

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Call:
    run: Callable[[], None]
    began: float = 0
    is_aside: bool = False
    """Whether it counts among those that wait, until it ends."""


class CallThreads:
    """Runs calls in threads of its own: so many at once, and others beside them that wait for something.

    Safe to use from any thread. The threads do not keep the process from ending.

    Args:
        at_once: calls that are worked on at once; others have to queue.
        aside: most calls that wait, each in a further thread.
    """

    def __init__(self, at_once: int, aside: int) -> None:
        self._at_once = at_once
        self._most_aside = aside
        self._lock = threading.Lock()
        self._queue: deque[_Call] = deque()
        self._running: set[_Call] = set()
        self._aside = 0
        self._idle = 0
        self._handed_over: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._of_thread = threading.local()

    def submit(self, run: Callable[[], None]) -> None:
        """Have `run` called in a thread, when its turn comes. It must not raise."""
        with self._lock:
            self._queue.append(_Call(run))
            self._hand_out()

    def step_aside(self) -> None:
        """Say, in a thread of a call, that the call begins to wait: another one takes its place.

        Raises:
            BusyError: too many calls wait already.
        """
        call: _Call = self._of_thread.call
        with self._lock:
            if not call.is_aside and not self._put_aside(call):
                raise BusyError

    def step_out(self) -> None:
        """Say, in a thread of a call, that the call is counted elsewhere from now on: it takes no place here."""
        call: _Call = self._of_thread.call
        with self._lock:
            self._running.discard(call)
            self._aside -= call.is_aside
            call.is_aside = False
            self._hand_out()

    def put_long_ones_aside(self, seconds: float) -> None:
        """Count calls as waiting that have run for so long, as far as there is room: they hold up no others then.

        To be called now and then; a call for which the process got no thread is tried again.
        """
        now = time.monotonic()
        with self._lock:
            for call in list(self._running):  # to which the queue adds, as room is made
                if not call.is_aside and now - call.began > seconds and not self._put_aside(call):
                    break
            self._hand_out()  # also what found no thread before

    def _put_aside(self, call: _Call) -> bool:
        if self._aside >= self._most_aside:
            return False
        call.is_aside = True
        self._aside += 1
        self._hand_out()
        return True

    def _hand_out(self) -> None:
        """Give calls of the queue to threads; the lock is held."""
        while self._queue and len(self._running) - self._aside < self._at_once:
            call = self._queue.popleft()
            call.began = time.monotonic()
            self._running.add(call)
            if self._idle:
                self._idle -= 1
                self._handed_over.put(call)
            elif not self._start_thread(call):
                self._running.discard(call)
                self._queue.appendleft(call)
                return

    def _start_thread(self, call: _Call) -> bool:
        try:
            threading.Thread(target=self._work, args=[call], name="api-call", daemon=True).start()
        except RuntimeError as error:
            log.warning("a call waits for a thread: %s", error)
            return False
        return True

    def _work(self, call: _Call) -> None:
        while True:
            self._of_thread.call = call
            call.run()
            with self._lock:
                self._running.discard(call)
                self._aside -= call.is_aside
                self._hand_out()
                if self._idle >= self._at_once:
                    return
                self._idle += 1
            call = self._handed_over.get()
