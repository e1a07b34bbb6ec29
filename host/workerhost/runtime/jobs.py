"""The host's scheduled jobs: heartbeat, reconcile, and marking the workers of lost hosts."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from workerhost.errors import HostStoppingError, StoreUnavailableError
from workerhost.runtime.host import Host
from workerhost.settings import Settings
from workerhost.store import Store

log = logging.getLogger(__name__)


class Jobs:
    """Runs the jobs in threads of APScheduler's; `start` and `stop` belong to the main thread."""

    def __init__(self, host: Host, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._away = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(3)},
            # A job that is late runs once, whenever it can: each looks at the present, not at its due time.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._add(host.reconcile, settings.reconcile_interval)
        self._add(host.beat, settings.heartbeat_interval)
        self._add(self._mark_stale, settings.heartbeat_interval)

    def start(self) -> None:
        """Start; the first reconcile comes at once."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop and wait for the job that runs; calling this again does nothing."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _add(self, job: Callable[[], None], seconds: float) -> None:
        self._scheduler.add_job(
            self._run,
            "interval",
            args=[job],
            seconds=seconds,
            id=job.__name__,
            next_run_time=datetime.now(UTC),
        )

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except StoreUnavailableError as error:
            if not self._away:  # said once, not every second
                log.warning("%s", error)
            self._away = True
        except HostStoppingError:
            pass
        except Exception:
            log.exception("the job %s failed", job.__name__)
        else:
            if self._away:
                log.info("the database answers again")
            self._away = False

    def _mark_stale(self) -> None:
        stale = self._store.workers.mark_stale(datetime.now(UTC) - timedelta(seconds=self._settings.stale_after))
        if stale:
            log.warning("%d worker(s) of hosts without heartbeat are marked as stopped", stale)
