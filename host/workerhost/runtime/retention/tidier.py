"""Deletes what is older than it is kept, and sums up what is to be kept as a sum."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workerhost.observed import Period
from workerhost.runtime.statistics.sketch import merge_stored
from workerhost.runtime.statistics.tallies import MOST_NAMES
from workerhost.settings import Settings
from workerhost.store import Store

TIDY_SECONDS = 3600.0
"""How often."""

USAGE_WRITTEN_DAYS = 2
"""Days after which nobody writes a day's usage any more, but adds to it; see `UsageRecorder.write`."""

ROWS, USAGE_ROWS = 500, 1000
"""Of a table of statistics, and of usage by project and day: those that are summed up in one transaction, so that it is
short."""


class RetentionTidier:
    """Deletes old rows, also those of what is switched off by now, since it may have been on before.

    Lines of projects' logs are `LogTrimmer`'s, since they go by their size as well. Safe to use from any thread, and by
    several hosts at once.

    Args:
        settings: for how long things are kept.
        store: where they are.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._stopping = threading.Event()

    def forget_what_is_old(self) -> None:
        """Delete it, and sum up what is to be kept as a sum.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._store.workers.forget(self._settings.workers_days)
        self._store.statistics.forget_totals(self._settings.workers_days)
        self._store.batches.forget(self._settings.batches_days)
        self._store.deployments.forget_events(self._settings.events_days)
        self._store.variables.forget()
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._tidy_statistics(today)
        self._tidy_usage(today)

    def stop(self) -> None:
        """Have what is under way end with its transaction."""
        self._stopping.set()

    def _tidy_statistics(self, today: datetime) -> None:
        """Make days of old hours, and drop old days."""
        statistics = self._store.statistics
        hours_before = today - timedelta(days=self._settings.statistics_hours_kept_days)
        days_before = today - timedelta(days=self._settings.statistics_days_kept_days)
        self._repeat(lambda: statistics.roll_up(hours_before, merge_stored, MOST_NAMES, ROWS) >= ROWS)
        self._repeat(lambda: statistics.drop(Period.DAY, days_before, ROWS) >= ROWS)

    def _tidy_usage(self, today: datetime) -> None:
        """Drop old days, and make one row of those that several hosts wrote of a day that is over."""
        usage = self._store.usage
        usage.forget((today - timedelta(days=self._settings.usage_days)).date())
        written_before = (today - timedelta(days=USAGE_WRITTEN_DAYS)).date()
        self._repeat(lambda: usage.merge(written_before, USAGE_ROWS) >= USAGE_ROWS)

    def _repeat(self, step: Callable[[], bool]) -> None:
        """Do a step until it tells that nothing is left to do."""
        while not self._stopping.is_set() and step():
            pass
