"""Failures that repeat: said once, then counted, and their end said once."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds between the first failure and the first summary, and at most between two of them; each pause is twice as long
as the one before."""

QUIET_SECONDS = 600.0
"""A failure that comes again after this time, and after its pause, is a new one."""

MOST_SENTENCES = 10
"""How many different sentences about one thing are written in one pause."""

MOST_KEYS = 10_000
"""How many things may be failing; of more, those that have not failed for longest are forgotten."""


@dataclass
class _Failing:
    began: float
    latest: float
    summary_at: float
    pause: float = FIRST_PAUSE
    count: int = 0
    unsaid: int = 0
    said: set[str] = field(default_factory=set)


class RepeatedFailures:
    """Writes a line when something fails first, then one with a count now and then, and one when that is over.

    Safe to use from any thread; never blocks but for the log.

    Args:
        log: where lines are written.
        most_sentences: how many different sentences about one thing are written in one pause.
        clock: in seconds.
    """

    def __init__(
        self,
        log: logging.Logger,
        most_sentences: int = MOST_SENTENCES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._most_sentences = most_sentences
        self._clock = clock
        self._lock = threading.Lock()
        self._failing: OrderedDict[Hashable, _Failing] = OrderedDict()

    def note(
        self,
        key: Hashable,
        sentence: str,
        *,
        level: int = logging.WARNING,
        error: BaseException | None = None,
        **fields: object,
    ) -> None:
        """Write the sentence, or count it where it was written before.

        Args:
            key: what fails.
            sentence: what happens. Another one about the same thing is written as well.
            level: of the line.
            error: whose traceback belongs to the line; only the first one has it.
            fields: of the line.
        """
        now = self._clock()
        with self._lock:
            known = self._current(key, now)
            known.count += 1
            known.latest = now
            is_summary = now >= known.summary_at
            is_new = sentence not in known.said and len(known.said) < self._most_sentences
            if not is_summary and not is_new:
                known.unsaid += 1
                return
            counted = self._summarize(known, now) if is_summary else {}
            known.said.add(sentence)
        text = _with_count(sentence, counted.get("repeated"))
        self._log.log(level, "%s", text, extra={**fields, **counted}, exc_info=None if counted else error, stacklevel=2)

    def over(self, key: Hashable, sentence: str, *, level: int = logging.INFO, **fields: object) -> None:
        """Write that what failed does so no more, for how long and how often it did. Else this does nothing.

        Args:
            key: what failed.
            sentence: what is right again.
            level: of the line.
            fields: of the line.
        """
        if key not in self._failing:  # without the lock: it is so nearly always
            return
        with self._lock:
            known = self._failing.pop(key, None)
        if known is not None:
            seconds = round(self._clock() - known.began, 1)
            times = f"{known.count} failures" if known.count > 1 else "1 failure"
            text = f"{sentence}, after {seconds:g} s and {times}"
            counted = {"failures": known.count, "seconds": seconds}
            self._log.log(level, "%s", text, extra={**fields, **counted}, stacklevel=2)

    def forget(self, key: Hashable) -> None:
        """Forget that something fails, since nobody tries it any more."""
        with self._lock:
            self._failing.pop(key, None)

    def _current(self, key: Hashable, now: float) -> _Failing:
        known = self._failing.get(key)
        if known is None or now - known.latest > max(QUIET_SECONDS, known.pause):
            unsaid = known.unsaid if known else 0  # told with the next summary, since nobody has said so yet
            known = self._failing[key] = _Failing(began=now, latest=now, summary_at=now + FIRST_PAUSE, unsaid=unsaid)
        self._failing.move_to_end(key)
        if len(self._failing) > MOST_KEYS:
            self._failing.popitem(last=False)
        return known

    @staticmethod
    def _summarize(known: _Failing, now: float) -> dict[str, object]:
        counted: dict[str, object] = {
            "repeated": known.unsaid + 1,
            "failures": known.count,
            "seconds": round(now - known.began, 1),
        }
        known.unsaid = 0
        known.said.clear()
        known.pause = min(LONGEST_PAUSE, 2 * known.pause)
        known.summary_at = now + known.pause
        return counted


def _with_count(sentence: str, repeated: object) -> str:
    return sentence if repeated is None else f"{sentence} ({repeated} times since it was said)"
