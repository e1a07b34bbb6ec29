"""Where Temporal's pages of histories begin, as far as they were read: a later page is read from there."""

import bisect
from collections import OrderedDict
from dataclasses import dataclass, field

from workerhost.words import RunId

MOST_RUNS, MOST_OF_RUN = 200, 60
"""Runs of which pages are known, and pages of each: enough for the most events that Temporal takes; 4 MB in all."""


@dataclass
class _Marks:
    """The events after which pages begin, in order, and what Temporal takes for each."""

    events: list[int] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)


class Marks:
    """The beginnings of pages of the histories that were read last. Used on the loop of Temporal's connection alone.

    What Temporal hands out for a page stays in this process: its bearer could read other histories with it.
    """

    def __init__(self) -> None:
        self._runs: OrderedDict[RunId, _Marks] = OrderedDict()

    def add(self, run_id: RunId, event: int, token: bytes) -> None:
        """Remember that a page begins after that event."""
        marks = self._runs.setdefault(run_id, _Marks())
        self._runs.move_to_end(run_id)
        place = bisect.bisect_left(marks.events, event)
        if marks.events[place : place + 1] == [event]:
            marks.tokens[place] = token  # the newer one knows of more events
        elif len(marks.events) < MOST_OF_RUN:
            marks.events.insert(place, event)
            marks.tokens.insert(place, token)
        if len(self._runs) > MOST_RUNS:
            self._runs.popitem(last=False)

    def before(self, run_id: RunId, event: int) -> bytes | None:
        """Return what Temporal takes for the last known page that has all that comes after that event."""
        marks = self._runs.get(run_id)
        if marks is None:
            return None
        place = bisect.bisect_right(marks.events, event)
        return marks.tokens[place - 1] if place else None

    def forget(self, run_id: RunId) -> None:
        """Forget the pages of a run."""
        self._runs.pop(run_id, None)
