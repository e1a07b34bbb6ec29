"""The counters and histograms of a registry, one for each family, with their children by the values of labels."""

import threading
from collections.abc import Mapping
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram

from workerhost.runtime.metrics.families import FAMILIES, SDK_SERIES_DROPPED, Family, Kind

M = TypeVar("M", bound=Counter | Histogram)

PROJECT_LABEL = "project"
"""Always the first label of a family that has it."""


class _Children(Generic[M]):
    """The instruments of one kind, and those that they have by values of labels. Safe to use from any thread."""

    def __init__(self, families: Mapping[Family, M]) -> None:
        self._families: Mapping[Family, M] = families
        self._lock = threading.Lock()
        self._known: dict[tuple[str, tuple[str, ...]], M] = {}

    def get(self, family: Family, labels: tuple[str, ...]) -> M:
        known = self._known.get((family.name, labels))
        if known is not None:
            return known
        with self._lock:
            parent = self._families[family]
            made = self._known[family.name, labels] = parent.labels(*labels) if labels else parent
            return made

    def forget(self, projects: set[str]) -> None:
        with self._lock:
            for family, parent in self._families.items():
                if family.labels[:1] == (PROJECT_LABEL,):
                    for key in [key for key in self._known if key[0] == family.name and key[1][0] in projects]:
                        del self._known[key]
                        parent.remove(*key[1])


class Instruments:
    """All that counts, by family. Safe to use from any thread.

    Args:
        registry: of this host alone.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        counters = (each for each in FAMILIES if each.kind == Kind.COUNTER and each != SDK_SERIES_DROPPED)
        histograms = (each for each in FAMILIES if each.kind == Kind.HISTOGRAM)
        self._counters = _Children({each: _counter(each, registry) for each in counters})
        self._histograms = _Children({each: _histogram(each, registry) for each in histograms})

    def counter(self, family: Family, *labels: str) -> Counter:
        """Return the counter of a family with these values of its labels."""
        return self._counters.get(family, labels)

    def histogram(self, family: Family, *labels: str) -> Histogram:
        """Return the histogram of a family with these values of its labels."""
        return self._histograms.get(family, labels)

    def forget(self, projects: set[str]) -> None:
        """Show nothing more of projects that have no value of their own any more; they begin at zero another time."""
        if projects:
            self._counters.forget(projects)
            self._histograms.forget(projects)


def _counter(family: Family, registry: CollectorRegistry) -> Counter:
    return Counter(family.name, family.help, family.labels, registry=registry)


def _histogram(family: Family, registry: CollectorRegistry) -> Histogram:
    return Histogram(family.name, family.help, family.labels, buckets=family.buckets, registry=registry)
