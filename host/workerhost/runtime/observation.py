"""All that looks on while projects run, assembled: statistics, metrics, logs, traces."""

from collections.abc import Iterator

from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.observing.observers import Observers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.usage.keeping import UsageKeeper
from workerhost.runtime.usage.recorder import UsageRecorder
from workerhost.settings import Settings
from workerhost.store import Store


class Observation:
    """The parts that look on. Made, started and stopped in the main thread; each part names who may use it.

    Args:
        settings: of this process.
        store: where figures and lines are written.
        temporal: the way to Temporal.
    """

    def __init__(self, settings: Settings, store: Store, temporal: TemporalConnection) -> None:
        self._settings = settings
        self._store = store
        self._temporal = temporal
        self.statistics = StatisticsRecorder()
        self.metrics = MetricsRecorder()
        self.logs = LogIntake()
        self.usage = UsageRecorder()
        self._usage_keeper = UsageKeeper(self.usage, store, settings.heartbeat_interval, settings.usage_days)
        self.observers = Observers([self.statistics, self.metrics, self.usage])

    def start(self) -> None:
        """Start what has threads of its own."""

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        self._usage_keeper.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield from self._usage_keeper.jobs()
