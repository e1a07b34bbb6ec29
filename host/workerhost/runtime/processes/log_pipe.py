"""What came down the pipe of a project process, as lines of the project's log."""

import logging
import time
from collections.abc import Callable

from workerhost.code.capture.said import LONGEST_MESSAGE, SLACK, Said
from workerhost.code.capture.wire import LONGEST_LINE, MARK, decoded

LONGEST_UNENDED = 1024 * 1024
"""Bytes of a line that has no end; what comes then is another line."""

KEPT = 4 * (LONGEST_MESSAGE + SLACK)
"""Bytes of a line that no code of ours has written; as many as its message can have."""


class LogPipe:
    """Makes lines of what came down the pipe. Belongs to the thread that reads.

    Args:
        take: takes each line, which is not to be trusted.
    """

    def __init__(self, take: Callable[[Said], None]) -> None:
        self._take = take
        self._received = bytearray()
        self._missing = 0

    def feed(self, data: bytes) -> None:
        """Take what was received, and hand on the lines that are whole by now."""
        begin = 0
        while (end := data.find(b"\n", begin)) >= 0:
            if self._received or self._missing:
                self._keep(data[begin:end])
                self._finish()
            elif end > begin:
                self._line(data[begin:end], 0)
            begin = end + 1
        if begin < len(data):
            self._keep(data[begin:])
            if len(self._received) + self._missing > LONGEST_UNENDED:
                self._finish()

    def close(self) -> None:
        """Hand on what came last, if it did not end its line."""
        if self._received:
            self._finish()

    def _keep(self, data: bytes) -> None:
        room = max(0, LONGEST_LINE - len(self._received))
        self._received += data[:room]
        self._missing += max(0, len(data) - room)

    def _finish(self) -> None:
        line, missing = bytes(self._received), self._missing
        self._received.clear()
        self._missing = 0
        self._line(line, missing)

    def _line(self, line: bytes, missing: int) -> None:
        # A line of ours has the mark where it begins and nowhere else: what stands before it had no end when it came.
        before, mark, rest = line.rpartition(MARK)
        said = decoded(rest) if mark and not missing else None
        if said is None:
            self._printed(line, missing)
            return
        self._printed(before, 0)
        self._take(said)

    def _printed(self, line: bytes, missing: int) -> None:
        if line.strip():
            missing += max(0, len(line) - KEPT)
            text = line[:KEPT].decode("utf-8", "replace").removesuffix("\r")
            self._take(Said(time.time(), logging.INFO, text, missing=missing))
