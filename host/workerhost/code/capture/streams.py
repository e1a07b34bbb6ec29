"""What is printed, as lines with where they come from."""

import contextlib
import io
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from workerhost.code.capture.origin import Origin, current_origin, is_silent
from workerhost.code.capture.said import LONGEST_MESSAGE, SLACK, Said

MOST_BEGUN = 256
"""Lines that may be begun at once, each in another activity or thread; the oldest is said as it is."""

LONGEST_BEGUN = 1024 * 1024
"""Characters of a line; what is longer becomes another line."""


class _Begun:
    """A line that has no end yet: what is kept of it, and how much is not."""

    __slots__ = ("missing", "text")

    def __init__(self) -> None:
        self.text = ""
        self.missing = 0

    def add(self, text: str) -> None:
        kept = text[: max(0, LONGEST_MESSAGE + SLACK - len(self.text))]
        self.text += kept
        self.missing += len(text) - len(kept)


def finish_lines(origin: Origin) -> None:
    """Say what an activity or a run has printed last, where it did not end its line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, LineStream):
            stream.finish(origin)
            stream.flush()


class LineStream(io.TextIOBase):
    """Stands in the place of `sys.stdout` or `sys.stderr`. Safe to use from any thread.

    Args:
        beneath: the stream in whose place it stands, for all that is no text.
        level: of the lines.
        say: takes each line.
        takes_all: whether all that is printed becomes lines, and not only what has an origin with a sink of its own.
    """

    def __init__(self, beneath: TextIO, level: int, say: Callable[[Said], None], *, takes_all: bool) -> None:
        super().__init__()
        self.beneath = beneath
        self._level = level
        self._say = say
        self._takes_all = takes_all
        self._lock = threading.RLock()
        self._begun: dict[Origin | int, _Begun] = {}

    def write(self, text: str) -> int:
        """Take a text, and say the lines that are whole by now."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        origin = current_origin()
        if not self._takes_all and (origin is None or origin.sink is None):
            return self.beneath.write(text)
        if is_silent():
            return len(text)
        key = origin or threading.get_ident()
        begin = 0  # bit by bit: a text of megabytes has millions of lines
        while (end := text.find("\n", begin)) >= 0:
            with self._lock:
                begun = self._begun.pop(key, None) or _Begun()
            begun.add(text[begin:end])
            self._finish(begun, origin)
            begin = end + 1
        if begin < len(text):
            self._begin(key, text[begin:], origin)
        return len(text)

    def finish(self, origin: Origin) -> None:
        """Say what an activity has printed last, where it did not end its line."""
        if origin in self._begun:
            with self._lock:
                begun = self._begun.pop(origin, None)
            if begun is not None:
                self._finish(begun, origin)

    def renew_lock(self) -> None:
        """Have a lock of its own, in a process that was forked while another thread held this one."""
        self._lock = threading.RLock()

    def flush(self) -> None:
        """Pass on what was written as bytes; a line is said when it ends."""
        with contextlib.suppress(OSError, ValueError) if self._takes_all else contextlib.nullcontext():
            if not self.beneath.closed:
                self.beneath.flush()

    def fileno(self) -> int:
        """Return the descriptor of the stream beneath."""
        return self.beneath.fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self.beneath.isatty()

    def reconfigure(self, **_options: object) -> None:
        """Do nothing, where a program sets its output up: lines have no encoding and no buffer."""

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream beneath."""
        return self.beneath.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What the stream beneath does with what cannot be encoded."""
        return self.beneath.errors

    @property
    def buffer(self) -> object:
        """Takes bytes, which are lines without an origin."""
        return self.beneath.buffer

    def close(self) -> None:
        """Stay open: others write here, too."""

    def _begin(self, key: Origin | int, text: str, origin: Origin | None) -> None:
        done: list[tuple[_Begun, Origin | None]] = []
        with self._lock:
            begun = self._begun.get(key)
            if begun is None:
                if len(self._begun) >= MOST_BEGUN:
                    oldest = next(iter(self._begun))
                    done.append((self._begun.pop(oldest), oldest if isinstance(oldest, Origin) else None))
                begun = self._begun[key] = _Begun()
            begun.add(text)
            if begun.missing > LONGEST_BEGUN:
                done.append((self._begun.pop(key), origin))
        for each in done:
            self._finish(*each)

    def _finish(self, begun: _Begun, origin: Origin | None) -> None:
        """Say a line, without the lock: that may take long, and a workflow that prints must not wait for it."""
        text = begun.text.removesuffix("\r")
        if text.strip() or begun.missing:
            self._say(Said(time.time(), self._level, text, None, origin, {}, begun.missing))
