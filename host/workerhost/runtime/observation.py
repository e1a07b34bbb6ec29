"""All that looks on while projects run, assembled: statistics, metrics, logs, traces."""

from collections.abc import Iterator

from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.observing.observers import Observers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.tracing.setup import make_tracing
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
        self.observers = Observers([self.statistics, self.metrics])
        self.tracing = make_tracing()
        """What makes spans; None where no traces are wanted."""
        if self.tracing is not None:
            temporal.add_interceptor(self.tracing.client())

    def start(self) -> None:
        """Start what has threads of its own."""

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        if self.tracing is not None:
            self.tracing.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield from ()
