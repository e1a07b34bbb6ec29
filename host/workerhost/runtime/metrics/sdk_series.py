"""The SDK's own metrics of this process: added up over all projects, with labels that have few values."""

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BufferedMetric,
    BufferedMetricUpdate,
)

from workerhost.runtime.metrics.families import CODE_SECONDS, SDK_PREFIX, SDK_SERIES_DROPPED

LABELS = ("namespace", "operation", "worker_type", "poller_type", "status_code", "failure_reason")
"""What of the SDK's attributes is shown. Others name projects, or what code of projects chose."""

QUEUE = "task_queue"
MOST_SERIES = 2000
MOST_LEVELS = 50_000
"""Sets of attributes of which the last value of a gauge is known."""

_NAME = re.compile(SDK_PREFIX + r"[a-z0-9_]{1,100}", re.ASCII)
"""How the SDK names its metrics, and what Prometheus can read."""

Labels = tuple[str, ...]
Add = Callable[[float], None]
Known = tuple[BufferedMetric, Mapping[str, object], Add]


@dataclass(slots=True)
class _Sum:
    total: float = 0.0

    def add(self, value: float) -> None:
        self.total += value


@dataclass(slots=True)
class _Durations:
    counts: list[int] = field(default_factory=lambda: [0] * (len(CODE_SECONDS) + 1))
    total: float = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(CODE_SECONDS, value)] += 1
        self.total += value


@dataclass(slots=True)
class _Levels:
    """The last value of each task queue, by the whole set of attributes, with the queue."""

    known: dict[frozenset[tuple[str, object]], tuple[str, float]] = field(default_factory=dict)

    def setter(self, attributes: Mapping[str, object]) -> Add:
        key, queue = frozenset(attributes.items()), str(attributes.get(QUEUE, ""))

        def add(value: float) -> None:
            if key in self.known or len(self.known) < MOST_LEVELS:
                self.known[key] = queue, value

        return add


class SdkSeries:
    """Takes the updates of the SDK's buffer, and is a collector of a registry. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._metrics: dict[str, tuple[int, str]] = {}
        """Kind and description, by name."""
        self._counters: dict[tuple[str, Labels], _Sum] = {}
        self._durations: dict[tuple[str, Labels], _Durations] = {}
        self._gauges: dict[tuple[str, Labels], _Levels] = {}
        self._known: dict[tuple[int, int], Known] = {}
        """What adds an update, by the identities of its metric and attributes, as far as they were among those that
        were taken last. Most come as the same objects each time, and a busy host has thousands of updates a second;
        those of a run or a task come once, and never again."""
        self._dropped = 0

    def take(self, updates: Iterable[BufferedMetricUpdate]) -> int:
        """Add updates; return how many there were."""
        count = 0
        now: dict[tuple[int, int], Known] = {}
        with self._lock:
            for update in updates:
                count += 1
                metric, attributes = update.metric, update.attributes
                key = id(metric), id(attributes)
                known = now.get(key)
                if known is None:  # both are kept, so that no others get their identities
                    known = self._known.get(key) or (metric, attributes, self._adder(metric, attributes))
                    now[key] = known
                known[2](update.value)
            self._known = now
        return count

    def forget_other_queues(self, queues: Collection[str]) -> None:
        """Leave out what is said of task queues that no worker here polls any more."""
        with self._lock:
            for levels in self._gauges.values():
                for key in [key for key, (queue, _) in levels.known.items() if queue and queue not in queues]:
                    del levels.known[key]

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        counters: dict[str, CounterMetricFamily] = {}
        gauges: dict[str, GaugeMetricFamily] = {}
        histograms: dict[str, HistogramMetricFamily] = {}
        with self._lock:
            yield CounterMetricFamily(SDK_SERIES_DROPPED.name, SDK_SERIES_DROPPED.help, value=self._dropped)
            for (name, labels), counted in self._counters.items():
                family = counters.setdefault(name, CounterMetricFamily(name, self._metrics[name][1], labels=LABELS))
                family.add_metric(labels, counted.total)
            for (name, labels), levels in self._gauges.items():
                gauge = gauges.setdefault(name, GaugeMetricFamily(name, self._metrics[name][1], labels=LABELS))
                gauge.add_metric(labels, sum(value for _, value in levels.known.values()))
            for (name, labels), each in self._durations.items():
                made = HistogramMetricFamily(_timed(name), self._metrics[name][1], labels=LABELS)
                histograms.setdefault(name, made).add_metric(labels, _buckets(each), each.total)
        yield from (*counters.values(), *gauges.values(), *histograms.values())

    def _adder(self, metric: BufferedMetric, attributes: Mapping[str, object]) -> Add:
        # What code of a project has made may have any name, also one that the SDK uses otherwise.
        if not _NAME.fullmatch(metric.name) or self._metrics.get(metric.name, (metric.kind,))[0] != metric.kind:
            return _pass_over
        key = metric.name, tuple(str(attributes.get(name, "")) for name in LABELS)
        if metric.kind == BUFFERED_METRIC_KIND_COUNTER:
            if key in self._counters or self._has_room(metric):
                return self._counters.setdefault(key, _Sum()).add
        elif metric.kind == BUFFERED_METRIC_KIND_GAUGE:
            if key in self._gauges or self._has_room(metric):
                return self._gauges.setdefault(key, _Levels()).setter(attributes)
        elif key in self._durations or self._has_room(metric):
            return self._durations.setdefault(key, _Durations()).add
        return self._drop

    def _drop(self, _value: float) -> None:
        self._dropped += 1

    def _has_room(self, metric: BufferedMetric) -> bool:
        if len(self._counters) + len(self._gauges) + len(self._durations) >= MOST_SERIES:
            return False
        self._metrics[metric.name] = metric.kind, metric.description or "Of Temporal's SDK."
        return True


def _pass_over(_value: float) -> None:
    pass


def _timed(name: str) -> str:
    """Return the name with its unit: the SDK measures nothing but durations this way."""
    return name if name.endswith("_seconds") else f"{name}_seconds"


def _buckets(durations: _Durations) -> list[tuple[str, float]]:
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, CODE_SECONDS), "+Inf"), durations.counts, strict=True):
        total += count
        buckets.append((bound, total))
    return buckets
