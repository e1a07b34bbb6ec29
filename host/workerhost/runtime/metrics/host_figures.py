"""What a host says of itself at a scrape: gauges, which nothing has to keep meanwhile."""

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from workerhost.installed import version
from workerhost.runtime.metrics.families import (
    BUILD_INFO,
    CAPACITY,
    HEARTBEAT_AGE,
    HOST_UP,
    HOSTS,
    START_TIME,
    WORKERS,
    Family,
)
from workerhost.words import HostStatus, WorkerStatus


@dataclass(frozen=True)
class ServedProject:
    """A project that this host runs."""

    id: str
    task_queue: str
    status: WorkerStatus


@dataclass(frozen=True)
class HostFigures:
    """What a host says of itself at one moment."""

    projects: tuple[ServedProject, ...]
    hosts: Mapping[HostStatus, int]
    """Of the fleet, by status."""
    capacity: int
    heartbeat_age: float
    """Seconds."""


class HostCollector:
    """Collects the gauges of the host.

    Args:
        figures: returns the figures of this moment; does not block.
    """

    def __init__(self, figures: Callable[[], HostFigures]) -> None:
        self._figures = figures
        self._started_at = time.time()

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        figures = self._figures()
        yield _gauge(HOST_UP, {(): 1})
        versions = (version("workerhost"), platform.python_version(), version("temporalio"))
        yield _gauge(BUILD_INFO, {versions: 1})
        yield _gauge(START_TIME, {(): self._started_at})
        yield _gauge(HEARTBEAT_AGE, {(): figures.heartbeat_age})
        yield _gauge(HOSTS, {(status,): figures.hosts.get(status, 0) for status in HostStatus})
        yield _gauge(CAPACITY, {(): figures.capacity})
        statuses = [each.status for each in figures.projects]
        shown = [each for each in WorkerStatus if each != WorkerStatus.STOPPED]
        yield _gauge(WORKERS, {(status,): statuses.count(status) for status in shown})


def _gauge(family: Family, values: Mapping[tuple[str, ...], float]) -> Metric:
    made = GaugeMetricFamily(family.name, family.help, labels=family.labels)
    for labels, value in values.items():
        made.add_metric(labels, value)
    return made
