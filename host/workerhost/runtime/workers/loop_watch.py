"""Finds out that an event loop stands still, and in which line of a project's code."""

import asyncio
import re
import sys
import threading
import traceback

from workerhost.code.importer import PROJECT_FILE
from workerhost.errors import WorkerFailedError, WorkerSilentError

LIFE_SECONDS, SILENT_LOOKS = 15.0, 2
"""How often an event loop is asked for a sign of life, and how many it may owe before its worker counts as failed. Each
look wakes the loops of all workers of a host."""


class LoopWatch:
    """Asks an event loop for signs of life. `look` may be called from any thread, by one at a time."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_asked = False
        self._unanswered = 0

    def look(self, loop: asyncio.AbstractEventLoop) -> int:
        """Ask the loop, and return how many looks before this one it has not answered.

        Looks are counted and not seconds, since a machine or a process may have stood still as a whole.

        Raises:
            RuntimeError: the loop is closed.
        """
        with self._changing:
            if loop is not self._loop:  # what another one owes, this one does not
                self._loop, self._is_asked = loop, False
            if self._is_asked:
                self._unanswered += 1
            else:
                loop.call_soon_threadsafe(self._answer, loop)
                self._is_asked, self._unanswered = True, 0
            return self._unanswered

    def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._changing:
            if loop is self._loop:
                self._is_asked = False


def loop_ended(error: BaseException) -> WorkerFailedError:
    """Return the failure of a worker whose event loop ended before the worker did."""
    how = f": {type(error).__name__}" if not isinstance(error, RuntimeError) else ""
    return WorkerFailedError(f"code of the project has stopped the event loop that the worker runs on{how}")


def loop_is_held(thread: int | None) -> WorkerSilentError:
    """Return the failure of a worker whose event loop owes too many signs of life.

    Args:
        thread: of the loop; names the line that holds it.
    """
    place = _project_line(thread)
    return WorkerSilentError(
        f"the worker has executed nothing for {SILENT_LOOKS * LIFE_SECONDS:g} s: code of the project holds its event "
        f"loop{f' in {place}' if place else ''}"
    )


def _project_line(thread: int | None) -> str | None:
    """Return the module and line of a project's code that a thread is in, or None where it is in none."""
    frame = sys._current_frames().get(thread or 0)  # noqa: SLF001  there is no other way to look into a thread
    if frame is None:
        return None
    for place in reversed(traceback.extract_stack(frame)):
        if found := re.fullmatch(PROJECT_FILE, place.filename):
            return f"{found['path'].replace('/', '.')}, line {place.lineno}"
    return None
