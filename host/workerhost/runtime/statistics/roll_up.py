"""Rolls figures of old hours up into days, and drops old days."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workerhost.runtime.statistics.sketch import merge_stored
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import Period

ROLL_UP_SECONDS = 600.0
"""How often a host looks for hours that are old."""

BATCH = 500
"""Rows of a table that are rolled up in one transaction, so that it is short."""


class StatisticsRollUp:
    """Rolls up in small transactions. Safe to use from any thread, and where several hosts do it at once.

    Args:
        store: where figures are kept.
        settings: for how long.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._stopping = threading.Event()

    def roll_up(self) -> None:
        """Roll up and drop what is old by now.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        hours_before = today - timedelta(days=self._settings.statistics_hours_kept_days)
        days_before = today - timedelta(days=self._settings.statistics_days_kept_days)
        statistics = self._store.statistics
        self._again(lambda: statistics.roll_up(hours_before, merge_stored, BATCH))
        self._again(lambda: statistics.drop(Period.DAY, days_before, BATCH))
        statistics.forget_totals()

    def stop(self) -> None:
        """Have a roll-up that is under way end with its transaction."""
        self._stopping.set()

    def _again(self, step: Callable[[], int]) -> None:
        while not self._stopping.is_set() and step() >= BATCH:
            pass
