"""All counts that a host has not written yet, or goes on with; how many they are is bounded."""

from collections import Counter
from datetime import datetime

from workerhost.code.capture.fields import plain_text
from workerhost.observed import OTHERS
from workerhost.runtime.statistics.tally import HOUR, EndTally, TallyKey, hour_of

MOST_NAMES = 200
"""Activities of a project in one hour or day that are told apart, and as many workflow types and builds."""

MOST_TALLIES = 20_000
"""Of a host. Past it, what is new in a project is counted under `OTHERS`; past twice as many, it is given up."""

MOST_CHARACTERS = 200
"""Of a name; the rest is cut off."""


class Tallies:
    """Finds the tally of each key. Not safe to use from several threads at once.

    Args:
        most_names: as `MOST_NAMES`.
        most_tallies: as `MOST_TALLIES`.
    """

    def __init__(self, most_names: int = MOST_NAMES, most_tallies: int = MOST_TALLIES) -> None:
        self._most_names = most_names
        self._most_tallies = most_tallies
        self._tallies: dict[TallyKey, EndTally] = {}
        self._names: Counter[tuple[str, bool, datetime]] = Counter()
        self._changed: list[EndTally] = []
        self._part = 0
        self._tidied_at: datetime | None = None
        self.given_up = 0
        """How many ends were not counted."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._tallies)

    def find(self, project_id: str, name: str, build_id: str | None, ended_at: datetime) -> EndTally | None:
        """Return the tally of a key, marked as changed; None where there are too many, which is noted."""
        key = TallyKey(project_id, name, build_id, hour_of(ended_at))
        tally = self._tallies.get(key) or self._other(key)
        if tally is None:
            self.given_up += 1
        elif not tally.is_changed:
            tally.is_changed = True
            self._changed.append(tally)
        return tally

    def take_changed(self) -> list[EndTally]:
        """Return the tallies that have changed since this was called before; they stay marked as changed."""
        changed, self._changed = self._changed, []
        return changed

    def put_back(self, tallies: list[EndTally]) -> None:
        """Have tallies that were taken, and could not be written, be taken again."""
        for tally in tallies:
            if not tally.is_changed:
                tally.is_changed = True
                self._changed.append(tally)

    def close(self, project_id: str) -> None:
        """Count what comes of a project from now on apart from what came before, which is written a last time."""
        for tally in [tally for tally in self._tallies.values() if tally.key.project_id == project_id]:
            self._drop(tally)

    def drop_written(self, now: datetime) -> None:
        """Drop the tallies of hours that are over and written; once for each hour, since this looks at all."""
        hour = hour_of(now)
        if self._tidied_at == hour:
            return
        over = [tally for tally in self._tallies.values() if tally.key.hour != hour]
        for tally in over:
            if not tally.is_changed:
                self._drop(tally)
        if not any(tally.is_changed for tally in over):
            self._tidied_at = hour

    def drop_older(self, than: datetime) -> int:
        """Drop the tallies of hours that were over by then, written or not; return how many were not written."""
        old = [tally for tally in self._tallies.values() if tally.key.hour + HOUR <= than]
        for tally in old:
            self._drop(tally)
        self._changed = [tally for tally in self._changed if tally.key.hour + HOUR > than]
        return sum(tally.is_changed for tally in old)

    def _drop(self, tally: EndTally) -> None:
        del self._tallies[tally.key]
        counted = _names_key(tally.key)
        self._names[counted] -= 1
        if not self._names[counted]:
            del self._names[counted]
        # What comes late for a key that was dropped is written beside what was written of it, not in its place.
        self._part += 1

    def _other(self, raw: TallyKey) -> EndTally | None:
        """Return the tally of a key that there is none of yet."""
        key = raw._replace(name=plain_text(raw.name[:MOST_CHARACTERS]))
        known = self._tallies.get(key)
        if known is not None:
            return known
        if self._names[_names_key(key)] >= self._most_names or len(self._tallies) >= self._most_tallies:
            key = key._replace(name=OTHERS, build_id=None if key.build_id is None else "")
            known = self._tallies.get(key)
            if known is not None or len(self._tallies) >= 2 * self._most_tallies:
                return known
        self._names[_names_key(key)] += 1
        tally = self._tallies[key] = EndTally(key, self._part)
        return tally


def _names_key(key: TallyKey) -> tuple[str, bool, datetime]:
    return key.project_id, key.build_id is None, key.hour
