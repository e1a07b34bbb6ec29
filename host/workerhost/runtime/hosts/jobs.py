"""The host's scheduled jobs: heartbeats, reconcile, and tidying up rows that nobody looks after."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from workerhost.errors import HostStoppingError, StoreUnavailableError, TemporalRefusedError, TemporalUnavailableError
from workerhost.runtime.hosts.host import Host
from workerhost.service_log.repeated_failures import RepeatedFailures
from workerhost.settings import Settings
from workerhost.store import Store

log = logging.getLogger(__name__)

WORKER_HEARTBEAT_SECONDS = 10
"""How often the rows of the workers get the time, for operators; what is taken over depends on the host's own row."""

REAP_SECONDS = 60

TIDY_DELAY = 10.0
"""Seconds from the start to the first run of what tidies up: a host that starts has projects to start first."""


class Job(NamedTuple):
    """Something that is done again and again."""

    run: Callable[[], None]
    seconds: float
    """Between two runs."""
    delay: float = 0.0
    """Seconds from the start to the first run."""


class Jobs:
    """Runs the jobs in threads of APScheduler's; `start` and `stop` belong to the main thread.

    Args:
        host: beats and reconciles.
        store: is tidied up.
        settings: how often.
        more: further jobs.
    """

    def __init__(self, host: Host, store: Store, settings: Settings, more: Iterable[Job]) -> None:
        self._store = store
        self._host = host
        self._failures = RepeatedFailures(log)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # A job that is late runs once, whenever it can: each looks at the present, not at its due time.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add(Job(host.reconcile, settings.reconcile_interval))
        self._add(Job(host.beat, settings.heartbeat_interval))
        self._add(Job(host.rows.touch, WORKER_HEARTBEAT_SECONDS, delay=WORKER_HEARTBEAT_SECONDS))
        self._add(Job(self._reap, REAP_SECONDS, delay=TIDY_DELAY))
        for job in more:
            self._add(job)

    def start(self) -> None:
        """Start; the first reconcile comes at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop and wait for the job that runs; calling this again does nothing."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _add(self, job: Job) -> None:
        self._scheduler.add_job(
            self._run,
            "interval",
            args=[job.run],
            seconds=job.seconds,
            id=job.run.__name__,
            next_run_time=datetime.now(UTC) + timedelta(seconds=job.delay),
        )

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except StoreUnavailableError as error:
            # Said for all jobs by the one that always asks the database and runs once at a
            # time: of several, each would say it, and one that began before the database came back would say it again.
            if job == self._host.beat:
                self._failures.note("database", str(error))
        except HostStoppingError:
            pass
        except (TemporalUnavailableError, TemporalRefusedError) as error:
            self._failures.note(job.__name__, f"the job {job.__name__} is put off: {error}", level=logging.INFO)
        except Exception as error:
            sentence = f"the job {job.__name__} failed: {type(error).__name__}: {error}"
            self._failures.note(job.__name__, sentence, level=logging.ERROR, error=error)
        else:
            self._failures.over(job.__name__, f"the job {job.__name__} is done again")
            if job == self._host.beat:
                self._failures.over("database", "the database answers again")

    def _reap(self) -> None:
        orphans = self._store.workers.mark_orphans()
        if orphans:
            log.warning("%d worker(s) of hosts that are gone are marked as stopped", orphans)
