"""Which projects, workflow types and activities have values of labels of their own, and which are `other`."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable

from workerhost.runtime.metrics.families import MOST_NAMES, MOST_PAIRS, OTHER

CHOOSE_SECONDS = 600.0
"""How long a choice of projects holds at least."""

MORE_ACTIVE = 2
"""How many times as active a project must be as one that has a name to take its place."""

MOST_COUNTED = 10_000
"""How many projects are compared; others have no name."""

MOST_CHARACTERS = 100
"""Of a value that code of a project chose."""


class LabelNames:
    """Decides the values of labels when something is counted. Safe to use from any thread; never blocks for long.

    Projects have names of their own as long as there are few. Where there are more, the most active ones of late have,
    and the choice is made again when `choose` is called, seldom.

    Args:
        most_projects: how many have a name of their own.
        clock: the time in seconds.
    """

    def __init__(self, most_projects: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most_projects
        self._clock = clock
        self._lock = threading.Lock()
        self._named: set[str] = set()
        self._scores = Counter[str]()
        self._chosen_at = clock()
        self._active: set[str] = set()
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        self._pairs = Counter[str]()

    def project(self, project_id: str) -> str:
        """Return the value for a project in which something happens, and remember that it did."""
        if project_id in self._scores or len(self._scores) < MOST_COUNTED:
            self._scores[project_id] += 1  # one that two threads lose between them decides nothing
            self._active.add(project_id)
        return project_id if project_id in self._named or self._has_admitted(project_id) else OTHER

    def known(self, project_id: str) -> str:
        """Return the value for a project in which nothing happens, for gauges."""
        return project_id if project_id in self._named else OTHER

    def name(self, kind: str, project: str, name: str) -> str:
        """Return the value for a name that code of a project chose.

        Args:
            kind: of the name; each has its own bounds.
            project: the value that `project` returned.
            name: any text.
        """
        if project == OTHER:
            return OTHER
        known = self._names.get((kind, project))
        value = known.get(name) if known is not None else None
        return value if value is not None else self._admitted(kind, project, name)

    def active(self) -> set[str]:
        """Return the ids of the projects in which something happened since the last call."""
        with self._lock:
            active, self._active = self._active, set()
            return active

    def choose(self) -> set[str]:
        """Choose again who has a name if that is due; return who has lost it, whose series are to be forgotten."""
        with self._lock:
            now = self._clock()
            if now - self._chosen_at < CHOOSE_SECONDS:
                return set()
            self._chosen_at = now
            scores = self._scores.copy()
            lost = self._swap(scores)
            self._scores = Counter({key: half for key, count in scores.items() if (half := count // 2)})
            for kind, project in [key for key in self._names if key[1] in lost]:
                self._pairs[kind] -= len(self._names.pop((kind, project)))
            return lost

    def _swap(self, scores: Counter[str]) -> set[str]:
        """Give names to projects that are much more active than others which have one; return those others."""
        candidates = sorted(scores.keys() - self._named - {OTHER}, key=lambda each: -scores[each])
        named = sorted(self._named, key=lambda each: scores[each])
        swaps = [(new, old) for new, old in zip(candidates, named, strict=False) if _is_due(scores[new], scores[old])]
        lost = {old for _, old in swaps}
        self._named = (self._named - lost) | {new for new, _ in swaps}
        return lost

    def _has_admitted(self, project_id: str) -> bool:
        if len(self._named) >= self._most or project_id == OTHER:
            return False
        with self._lock:
            if len(self._named) < self._most:
                self._named = self._named | {project_id}
            return project_id in self._named

    def _admitted(self, kind: str, project: str, name: str) -> str:
        with self._lock:
            if project not in self._named:  # it has just lost its own
                return OTHER
            known = self._names.setdefault((kind, project), {})
            if name not in known and (len(known) >= MOST_NAMES or self._pairs[kind] >= MOST_PAIRS):
                return OTHER
            self._pairs[kind] += name not in known
            return known.setdefault(name, _shown(name))


def _is_due(new: int, old: int) -> bool:
    return new > MORE_ACTIVE * old


def _shown(name: str) -> str:
    """Return a name as a label can have it: of bounded length, and with nothing that cannot be encoded."""
    return name[:MOST_CHARACTERS].encode(errors="replace").decode()


def bounded(values: Iterable[str], value: str) -> str:
    """Return the value if it is one of those, and `other` if not."""
    return value if value in values else OTHER
