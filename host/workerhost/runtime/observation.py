"""All that looks on while projects run, assembled: statistics, metrics, logs, traces."""

from collections.abc import Iterator

from workerhost.runtime.hosts.figures import host_figures
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.metrics.metrics import Metrics
from workerhost.runtime.observing.observers import Observers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.statistics.operations import Statistics
from workerhost.runtime.statistics.roll_up import ROLL_UP_SECONDS
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.temporal.core_log import sdk_metrics
from workerhost.runtime.usage.keeping import UsageKeeper
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
        self.statistics = Statistics(settings, store) if settings.statistics else None
        self.metrics = Metrics(settings, temporal, sdk_metrics())
        self.logs = LogIntake()
        self.usage = UsageKeeper(settings, store) if settings.statistics else None
        counting = [self.statistics.recorder] if self.statistics else []
        using = [self.usage.recorder] if self.usage else []
        self.observers = Observers([*counting, *self.metrics.observers, *using])
        if self.metrics.is_on:
            recorder = self.metrics.recorder
            store.database.time_statements(recorder.statement_done, recorder.statement_failed)

    def start(self, host: Host) -> None:
        """Start what has threads of its own.

        Args:
            host: whose figures are written and shown.
        """
        if self.statistics:
            self.statistics.start(host.id)
        self.metrics.start(host.id, lambda: host_figures(host))

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        self.metrics.stop()
        if self.statistics:
            self.statistics.stop()
        if self.usage:
            self.usage.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        for run, seconds in self.metrics.jobs():
            yield Job(run, seconds)
        if self.statistics:
            yield Job(self.statistics.flush_statistics, self._settings.heartbeat_interval)
            yield Job(self.statistics.roll_up_statistics, ROLL_UP_SECONDS, begins_at_once=False)
        if self.usage:
            yield from self.usage.jobs()
