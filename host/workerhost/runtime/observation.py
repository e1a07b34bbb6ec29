"""All that looks on while projects run, assembled: statistics, metrics, logs, traces."""

from collections.abc import Iterator

from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.observing.observers import Observers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.statistics.operations import Statistics
from workerhost.runtime.statistics.roll_up import ROLL_UP_SECONDS
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.usage.keeping import TIDY_SECONDS, UsageKeeper
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import HostId


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
        self.statistics = Statistics(settings, store) if settings.statistics else None
        self.metrics = MetricsRecorder()
        self.logs = LogIntake()
        self.usage = UsageKeeper(settings, store) if settings.statistics else None
        counting = [self.statistics.recorder] if self.statistics else []
        using = [self.usage.recorder] if self.usage else []
        self.observers = Observers([*counting, self.metrics, *using])

    def start(self, host_id: HostId) -> None:
        """Start what has threads of its own.

        Args:
            host_id: of this host, which figures are written for.
        """
        if self.statistics:
            self.statistics.start(host_id)

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        if self.statistics:
            self.statistics.stop()
        if self.usage:
            self.usage.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        if self.statistics:
            yield Job(self.statistics.flush_statistics, self._settings.heartbeat_interval)
            yield Job(self.statistics.roll_up_statistics, ROLL_UP_SECONDS, begins_at_once=False)
        if self.usage:
            yield Job(self.usage.flush_usage, self._settings.heartbeat_interval)
            yield Job(self.usage.tidy_usage, TIDY_SECONDS)
