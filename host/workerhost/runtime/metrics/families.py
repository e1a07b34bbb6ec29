"""Every metric family that a host gives beside those of the SDK: its name, kind, labels, buckets and meaning."""

from dataclasses import dataclass
from enum import StrEnum

HOST_LABEL = "host"
"""The label that each sample of every family has beside those of its family: the id of the host."""

OTHER = "other"
"""The value of a label that stands for all that have no value of their own."""

SDK_PREFIX = "temporal_"
"""How the names of the SDK's own families begin."""

MOST_NAMES = 20
"""How many workflow types, and how many activities, of one project have values of their own."""

MOST_PAIRS = 500
"""How many workflow types, and how many activities, of all projects of a host together have values of their own."""

CODE_SECONDS = (0.05, 0.25, 1.0, 5.0, 30.0, 300.0)
"""Buckets for what code of projects takes."""

START_SECONDS = (0.1, 0.5, 1.0, 5.0, 30.0)
DATABASE_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5)
API_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 30.0)


class MetricKind(StrEnum):
    """What a family is, in Prometheus' words."""

    COUNTER = "counter"
    """Only grows, from zero at the start of a host."""
    GAUGE = "gauge"
    """As it is at the moment of the scrape."""
    HISTOGRAM = "histogram"
    """Has samples `<name>_bucket` with a label `le`, `<name>_count` and `<name>_sum`."""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family."""

    name: str
    """As it is exposed, with its unit, and with `_total` at the end of a counter's."""
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()
    """Beside `HOST_LABEL`."""
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram's, without the last one, which is infinite."""


BUILD_INFO = Family(
    "workerhost_build_info",
    MetricKind.GAUGE,
    "Always 1: the versions of workerhost, of Python and of Temporal's SDK.",
    ("version", "python", "sdk"),
)
HOST_UP = Family(
    "workerhost_host_up",
    MetricKind.GAUGE,
    "Whether the host behind this port gave its figures in time: 1, or 0 with nothing else of it.",
)
SCRAPE_SECONDS = Family(
    "workerhost_scrape_seconds", MetricKind.GAUGE, "Seconds that the host took to put its figures together."
)
HEARTBEAT_AGE = Family(
    "workerhost_heartbeat_age_seconds",
    MetricKind.GAUGE,
    "Seconds since the host last wrote its heartbeat into the database.",
)
START_TIME = Family(
    "workerhost_host_start_time_seconds", MetricKind.GAUGE, "When the host was started, in seconds since 1970."
)
HOSTS = Family(
    "workerhost_hosts",
    MetricKind.GAUGE,
    "Hosts of the fleet that this host sees, by status: live, draining or late.",
    ("status",),
)
CAPACITY = Family("workerhost_capacity", MetricKind.GAUGE, "Projects that the host runs at most.")
WORKERS = Family(
    "workerhost_workers",
    MetricKind.GAUGE,
    "Project workers of the host, by status: starting, running, stopping or failed.",
    ("status",),
)
WORKER_STARTS = Family(
    "workerhost_worker_starts_total",
    MetricKind.COUNTER,
    "Project workers that began to poll, or failed, by outcome: running or failed.",
    ("outcome",),
)
WORKER_START_SECONDS = Family(
    "workerhost_worker_start_seconds",
    MetricKind.HISTOGRAM,
    "Seconds from the beginning of a try to the first poll.",
    (),
    START_SECONDS,
)
LEASE_MOVES = Family(
    "workerhost_lease_moves_total",
    MetricKind.COUNTER,
    "Leases on projects that the host claimed or released, by move: claimed or released.",
    ("move",),
)
FAILOVERS = Family(
    "workerhost_failovers_total",
    MetricKind.COUNTER,
    "Project workers of hosts that died or fell silent, which the host freed for others to take over.",
)
PUBLISHES = Family(
    "workerhost_publishes_total",
    MetricKind.COUNTER,
    "Publishes of code, by outcome: accepted or refused, and by the error's code where they were refused.",
    ("outcome", "code"),
)
QUEUE_BACKLOG = Family(
    "workerhost_queue_backlog",
    MetricKind.GAUGE,
    "Tasks that wait in a project's task queue, by kind: workflow or activity; about, as the server counts them.",
    ("project", "kind"),
)
QUEUE_BACKLOG_AGE = Family(
    "workerhost_queue_backlog_age_seconds",
    MetricKind.GAUGE,
    "Age of the oldest task that waits in a project's task queue, as the server says.",
    ("project", "kind"),
)
RUNS = Family(
    "workerhost_runs_total",
    MetricKind.COUNTER,
    "Runs that ended here, by outcome; without those that the server ended.",
    ("project", "workflow_type", "outcome"),
)
RUN_SECONDS = Family(
    "workerhost_run_seconds",
    MetricKind.HISTOGRAM,
    "Seconds from the start of a run to its end.",
    ("project", "workflow_type"),
    CODE_SECONDS,
)
ACTIVITIES = Family(
    "workerhost_activities_total",
    MetricKind.COUNTER,
    "Attempts of activities that ended here, by outcome.",
    ("project", "activity", "outcome"),
)
ACTIVITY_RETRIES = Family(
    "workerhost_activity_retries_total",
    MetricKind.COUNTER,
    "Attempts of activities that ended here and were not the first.",
    ("project", "activity"),
)
ACTIVITY_SECONDS = Family(
    "workerhost_activity_seconds",
    MetricKind.HISTOGRAM,
    "Seconds that attempts of activities took.",
    ("project", "activity"),
    CODE_SECONDS,
)
PROCESS_FORKS = Family(
    "workerhost_process_forks_total", MetricKind.COUNTER, "Processes of projects that were forked.", ("project",)
)
PROCESS_DEATHS = Family(
    "workerhost_process_deaths_total",
    MetricKind.COUNTER,
    "Processes of projects that ended although nobody wanted them to.",
    ("project",),
)
DATABASE_REQUESTS = Family(
    "workerhost_database_seconds",
    MetricKind.HISTOGRAM,
    "Seconds that statements took in the database, by kind: select, insert, update, delete or other.",
    ("kind",),
    DATABASE_SECONDS,
)
DATABASE_ERRORS = Family(
    "workerhost_database_errors_total", MetricKind.COUNTER, "Statements that the database or its driver refused."
)
API_REQUESTS = Family(
    "workerhost_api_request_seconds",
    MetricKind.HISTOGRAM,
    "Seconds until calls of the control API were answered, by the route's template, method and HTTP status.",
    ("route", "method", "status"),
    API_SECONDS,
)
LOG_LINES = Family(
    "workerhost_log_lines_total",
    MetricKind.COUNTER,
    "Lines of the projects' logs that were taken, by level.",
    ("project", "level"),
)
LOG_LINES_DROPPED = Family(
    "workerhost_log_lines_dropped_total",
    MetricKind.COUNTER,
    "Lines of the projects' logs that were dropped, since there were too many.",
    ("project",),
)
SDK_SERIES_DROPPED = Family(
    "workerhost_sdk_series_dropped_total",
    MetricKind.COUNTER,
    "Updates of the SDK's metrics that were left out, since there were too many series.",
)

FAMILIES: tuple[Family, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Family))
"""All of them, in the order in which they are shown."""
