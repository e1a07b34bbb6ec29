"""Writes lines to standard error, without ever waiting for long for whoever reads them."""

import io
import logging
import os
import select
import stat
import time
from typing import TextIO

PATIENCE_SECONDS = 1.0
"""How long a line waits for a reader that does not read. Whoever logs waits with it, and so do all that log then."""

PIECE_BYTES = 4096
"""Of a line, where only a write that blocks is possible: a pipe or a terminal that takes anything takes so many."""


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each line at once, so that lines of several processes with one standard error do not mix.

    The kernel takes up to 4,096 bytes for a pipe in one piece, and more as long as its reader keeps up. While nobody
    reads and the pipe is full, lines are dropped and counted; the count is said when somebody reads again.

    Args:
        stream: that is written to.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._pipe = _own_end(stream)
        self._lost = 0
        self._is_torn = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record. Called with the handler's lock."""
        try:
            line = self._line(record)
            try:
                descriptor = self.stream.fileno() if self._pipe is None else self._pipe
            except (AttributeError, io.UnsupportedOperation):  # tests put something else in place of standard error
                self.stream.write(line.decode())
                return
            self._write_on(descriptor, line)
        except (OSError, ValueError):
            pass  # nobody reads any more, or it is closed; and whom could one tell?
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Let go of what was opened."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        super().close()

    def _line(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode("utf-8", "backslashreplace")

    def _write_on(self, descriptor: int, line: bytes) -> None:
        if self._lost:
            if not self._write(descriptor, self._line(_notice(self._lost)), 0):
                self._lost += 1
                return
            self._lost = 0
        if not self._write(descriptor, line, PATIENCE_SECONDS):
            self._lost += 1

    def _write(self, descriptor: int, line: bytes, seconds: float) -> bool:
        """Write a line, and return whether it was taken in time."""
        left, until = memoryview(b"\n" + line if self._is_torn else line), time.monotonic() + seconds
        whole, may_be_whole = len(left), self._pipe is not None or stat.S_ISREG(os.fstat(descriptor).st_mode)
        ready = select.poll()
        ready.register(descriptor, select.POLLOUT)
        while left:
            if not ready.poll(1000 * max(0.0, until - time.monotonic())):
                break
            try:
                left = left[os.write(descriptor, left if may_be_whole else left[:PIECE_BYTES]) :]
            except BlockingIOError:  # another process was faster
                if time.monotonic() >= until:
                    break
        if len(left) < whole:
            self._is_torn = bool(left)
        return not left


def _own_end(stream: TextIO) -> int | None:
    """Return an end of the stream's pipe of which writes do not block; None where it is no pipe, or there can be none.

    The end that there is belongs to other processes, too, so that it stays one that blocks.
    """
    try:
        descriptor = stream.fileno()
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (AttributeError, OSError, ValueError):
        pass
    return None


def _notice(lost: int) -> logging.LogRecord:
    text = (
        "%d lines of this log are missing here: they were written while nobody read"
        if lost != 1
        else ("%d line of this log is missing here: it was written while nobody read")
    )
    return logging.LogRecord(__name__, logging.WARNING, __file__, 0, text, (lost,), None)
