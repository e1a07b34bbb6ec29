"""Counts what happens in this host."""

from workerhost.observed import ActivityEnd, LogLevel, RunEnd
from workerhost.runtime.metrics.families import (
    ACTIVITIES,
    ACTIVITY_RETRIES,
    ACTIVITY_SECONDS,
    API_REQUESTS,
    DATABASE_ERRORS,
    DATABASE_REQUESTS,
    FAILOVERS,
    LEASE_MOVES,
    LOG_LINES,
    LOG_LINES_DROPPED,
    OTHER,
    PROCESS_DEATHS,
    PROCESS_FORKS,
    PUBLISHES,
    RUN_SECONDS,
    RUNS,
    WORKER_START_SECONDS,
    WORKER_STARTS,
    Family,
)
from workerhost.runtime.metrics.instruments import Instruments
from workerhost.runtime.metrics.names import LabelNames, bounded
from workerhost.runtime.observing.observers import Observer

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FROM_THE_START: tuple[tuple[Family, *tuple[str, ...]], ...] = (
    (DATABASE_ERRORS,),
    (FAILOVERS,),
    (WORKER_STARTS, "running"),
    (WORKER_STARTS, "failed"),
    (LEASE_MOVES, "claimed"),
    (LEASE_MOVES, "released"),
)
"""Counters that are there with zero, since a rate needs to see how they begin to grow."""

STATEMENTS = ("select", "insert", "update", "delete")


class MetricsRecorder(Observer):
    """Counts what happens in this host. Safe to use from any thread; what it does takes microseconds.

    Args:
        names: decide who is counted by name.
    """

    def __init__(self, names: LabelNames) -> None:
        self._names = names
        self._instruments = Instruments()
        for family, *labels in FROM_THE_START:
            self._instruments.counter(family, *labels)

    def activity_ended(self, end: ActivityEnd) -> None:
        """Count an attempt of an activity."""
        project = self._names.project(end.project_id)
        activity = self._names.name("activity", project, end.activity)
        self._instruments.counter(ACTIVITIES, project, activity, end.outcome).inc()
        self._instruments.histogram(ACTIVITY_SECONDS, project, activity).observe(end.seconds)
        if end.attempt > 1:
            self._instruments.counter(ACTIVITY_RETRIES, project, activity).inc()

    def run_began(self, project_id: str) -> None:
        """Note that something happens in the project."""
        self._names.project(project_id)

    def acted(self, project_id: str, actions: int) -> None:
        """Note that something happens in the project."""
        self._names.project(project_id)

    def run_ended(self, end: RunEnd) -> None:
        """Count a run."""
        project = self._names.project(end.project_id)
        workflow_type = self._names.name("workflow type", project, end.workflow_type)
        self._instruments.counter(RUNS, project, workflow_type, end.outcome).inc()
        self._instruments.histogram(RUN_SECONDS, project, workflow_type).observe(end.seconds)

    def published(self, project_id: str, *, is_accepted: bool, code: str = "") -> None:
        """Count a publish."""
        self._instruments.counter(PUBLISHES, "accepted" if is_accepted else "refused", code).inc()

    def process_began(self, project_id: str) -> None:
        """Count a process."""
        self._instruments.counter(PROCESS_FORKS, self._names.project(project_id)).inc()

    def process_died(self, project_id: str, why: str) -> None:
        """Count the death of a process."""
        self._instruments.counter(PROCESS_DEATHS, self._names.project(project_id)).inc()

    def worker_started(self, project_id: str, seconds: float) -> None:
        """Count a start."""
        self._instruments.counter(WORKER_STARTS, "running").inc()
        self._instruments.histogram(WORKER_START_SECONDS).observe(seconds)

    def worker_failed(self, project_id: str) -> None:
        """Count a start that failed, or a worker that did later."""
        self._instruments.counter(WORKER_STARTS, "failed").inc()

    def leases_moved(self, claimed: int, released: int) -> None:
        """Count leases."""
        for move, count in (("claimed", claimed), ("released", released)):
            if count:
                self._instruments.counter(LEASE_MOVES, move).inc(count)

    def workers_lost(self, count: int) -> None:
        """Count workers of other hosts."""
        self._instruments.counter(FAILOVERS).inc(count)

    def log_lines_taken(self, project_id: str, level: LogLevel, count: int = 1) -> None:
        """Count lines of a project's log that were taken."""
        self._instruments.counter(LOG_LINES, self._names.project(project_id), level).inc(count)

    def log_lines_dropped(self, project_id: str, count: int) -> None:
        """Count lines of a project's log that were dropped."""
        self._instruments.counter(LOG_LINES_DROPPED, self._names.project(project_id)).inc(count)

    def statement_done(self, kind: str, seconds: float) -> None:
        """Count a statement of the database; any kind that is not known is `other`."""
        self._instruments.histogram(DATABASE_REQUESTS, bounded(STATEMENTS, kind)).observe(seconds)

    def statement_failed(self) -> None:
        """Count a statement that the database or its driver refused."""
        self._instruments.counter(DATABASE_ERRORS).inc()

    def call_answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a call of the control API.

        Args:
            route: the template of its path; None for a path that leads nowhere.
            method: of HTTP; those that are not known are `other`.
            status: that it was answered with.
            seconds: until it was answered.
        """
        labels = (route or OTHER, bounded(METHODS, method), str(status))
        self._instruments.histogram(API_REQUESTS, *labels).observe(seconds)

    def text(self, host: str) -> str:
        """Return all that was counted as Prometheus' text; `host` is the first label as it is written."""
        return self._instruments.text(host)

    def forget(self, projects: set[str]) -> None:
        """Show nothing more of projects that have lost their names."""
        self._instruments.forget(projects)
