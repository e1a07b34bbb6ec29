"""The pipe from a project's process to its host, on which lines go."""

import contextlib
import logging
import os
import select
import threading
import time

from workerhost.code.capture.origin import note_wait, patience
from workerhost.code.capture.said import Said
from workerhost.code.capture.wire import encoded

PIPE = 2
"""The descriptor of the pipe."""

GATHER_SECONDS = 0.5
"""After the first line that is dropped the others are waited for that long, until it is said how many there were."""


class LinePipe:
    """Sends lines. Used from any thread; blocks while the host does not read.

    What workflows say waits for a moment alone, since whoever takes long for a workflow task is taken for one that
    hangs. What it has no time for is dropped, and the log says how much.
    """

    def __init__(self) -> None:
        self.renew_locks()
        self._lost = 0

    def renew_locks(self) -> None:
        """Have locks of its own, in a process that was forked while another thread held them."""
        self._lock, self._counting = threading.RLock(), threading.Lock()

    def send(self, said: Said) -> None:
        """Send a line; what cannot be sent is lost, since the host is gone or the project has closed the pipe."""
        seconds = patience()
        if seconds is None:
            with self._lock:
                _write(encoded(said))
            return
        begin = time.monotonic()
        is_sent = self._send_within(seconds, encoded(said))
        note_wait(time.monotonic() - begin)
        if not is_sent:
            self._lose()

    def _send_within(self, seconds: float, line: bytes) -> bool:
        until = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            if not select.select([], [PIPE], [], max(0.0, until - time.monotonic()))[1]:
                return False
            _write(line)
        except OSError:
            pass
        finally:
            self._lock.release()
        return True

    def _lose(self) -> None:
        with self._counting:
            self._lost += 1
            is_first = self._lost == 1
        if is_first:
            with contextlib.suppress(RuntimeError):  # a project may have used up its threads
                threading.Thread(target=self._say_lost, name="lost-lines", daemon=True).start()

    def _say_lost(self) -> None:
        time.sleep(GATHER_SECONDS)
        with self._counting:
            lost, self._lost = self._lost, 0
        text = f"{lost} line{' was' if lost == 1 else 's were'} dropped: a workflow does not wait for its log"
        self.send(Said(time.time(), logging.WARNING, text, None, None, {"dropped": lost}))


def _write(line: bytes) -> None:
    left = memoryview(line)
    with contextlib.suppress(OSError):
        while left:
            try:
                left = left[os.write(PIPE, left) :]
            except BlockingIOError:  # code of the project has made the pipe one that does not block
                select.select([], [PIPE], [])
