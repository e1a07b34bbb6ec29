"""All that looks on while projects run, assembled: statistics, usage, metrics, logs, traces, and what is kept of it."""

from collections.abc import Iterator

from workerhost.runtime.capture.host_capture import HostCapture
from workerhost.runtime.capture.project_log import show_lines
from workerhost.runtime.hosts.figures import host_figures
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.hosts.jobs import TIDY_DELAY, Job
from workerhost.runtime.metrics.metrics import Metrics
from workerhost.runtime.observing.observers import Observer, Observers
from workerhost.runtime.project_logs.followers import LogFollowers
from workerhost.runtime.project_logs.intake import LogIntake
from workerhost.runtime.retention.project_logs import LOOK_SECONDS, LogTrimmer
from workerhost.runtime.retention.tidier import TIDY_SECONDS, RetentionTidier
from workerhost.runtime.statistics.operations import Statistics
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.temporal.core_log import sdk_metrics
from workerhost.runtime.tracing.setup import make_tracing
from workerhost.runtime.usage.keeping import UsageKeeper
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import Isolation


class Observation:
    """The parts that look on. Made, started and stopped in the main thread; each part names who may use it.

    Args:
        settings: of this process.
        store: where figures and lines are written.
        temporal: the way to Temporal.
        passthrough: packages that all code shares, those of plugins among them.
    """

    def __init__(
        self, settings: Settings, store: Store, temporal: TemporalConnection, passthrough: tuple[str, ...]
    ) -> None:
        self._settings = settings
        self.statistics = Statistics(store) if settings.statistics else None
        self.usage = UsageKeeper(store) if settings.statistics else None
        self.metrics = Metrics(settings, temporal, sdk_metrics())
        if self.metrics.is_on:
            recorder = self.metrics.recorder
            store.database.time_statements(recorder.statement_done, recorder.statement_failed)
        self.observers = Observers(self._make_observers())
        self.log_followers = LogFollowers(store, settings.log_followers)
        self.log_trimmer = LogTrimmer(settings, store)
        self.logs = LogIntake(settings, store, self.observers, self._note_written)
        self.capture = HostCapture(passthrough, hears_code=settings.isolation == Isolation.THREAD)
        self.tracing = make_tracing()
        """What makes spans; None where no traces are wanted."""
        if self.tracing is not None:
            temporal.add_interceptor(self.tracing.client())
        self.tidier = RetentionTidier(settings, store)

    def start(self, host: Host) -> None:
        """Start what has threads of its own, and listen to what code says in this process.

        Args:
            host: whose figures are written and shown.
        """
        self.logs.start()
        self.capture.start()
        if self._settings.show_project_lines:
            show_lines()
        if self.statistics:
            self.statistics.start(host.id)
        self.metrics.start(host.id, lambda: host_figures(host))

    def stop(self) -> None:
        """Write what is left, and end every thread. Calling this again, or before `start`, does nothing."""
        self.capture.stop()
        self.let_followers_go()
        self.end_long_jobs()
        self.logs.stop()
        self.metrics.stop()
        if self.statistics:
            self.statistics.stop()
        if self.usage:
            self.usage.stop()
        if self.tracing is not None:
            self.tracing.stop()

    def end_long_jobs(self) -> None:
        """Have jobs that delete much end with their transaction. May be called from any thread, and again."""
        self.tidier.stop()
        self.log_trimmer.stop()

    def let_followers_go(self) -> None:
        """Have all who follow logs go, and let no more come. May be called from any thread, and again."""
        self.log_followers.stop()

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield Job(self.tidier.forget_what_is_old, TIDY_SECONDS, delay=TIDY_DELAY)
        yield Job(self.log_trimmer.trim_logs, LOOK_SECONDS, delay=TIDY_DELAY)
        for run, seconds in self.metrics.jobs():
            yield Job(run, seconds)
        if self.statistics:
            yield Job(self.statistics.flush_statistics, self._settings.heartbeat_interval)
        if self.usage:
            yield Job(self.usage.flush_usage, self._settings.heartbeat_interval)

    def _make_observers(self) -> Iterator[Observer]:
        if self.statistics:
            yield self.statistics.recorder
        yield from self.metrics.observers
        if self.usage:
            yield self.usage.recorder

    def _note_written(self, project_ids: frozenset[str]) -> None:
        self.log_followers.wake(project_ids)
        self.log_trimmer.note(project_ids)
