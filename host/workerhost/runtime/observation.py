"""All that looks on while projects run, assembled: statistics, metrics, logs, traces."""

from collections.abc import Iterator

from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.observing.observers import Observers
from workerhost.runtime.project_logs.followers import LogFollowers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.project_logs.trimming import LOOK_SECONDS, LogTrimmer
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.temporal.connection import TemporalConnection
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
        self.log_followers = LogFollowers(store, settings.log_followers)
        self.log_trimmer = LogTrimmer(settings, store)
        self.logs = LogIntake(settings, store, self._note_written)
        self.observers = Observers([self.statistics, self.metrics])

    def start(self) -> None:
        """Start what has threads of its own."""
        self.logs.start()

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        self.let_followers_go()
        self.log_trimmer.end()
        self.logs.stop()

    def let_followers_go(self) -> None:
        """Have all who follow logs go, and let no more come. May be called from any thread, and again."""
        self.log_followers.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield Job(self.log_trimmer.trim_logs, LOOK_SECONDS)

    def _note_written(self, project_ids: frozenset[str]) -> None:
        self.log_followers.wake(project_ids)
        self.log_trimmer.note(project_ids)
