"""Deletes what is older than it is kept."""

from workerhost.settings import Settings
from workerhost.store import Store

TIDY_SECONDS = 3600.0
"""How often."""


class RetentionTidier:
    """Deletes old rows. Its method belongs to the thread of its job; several hosts may do this at once.

    Args:
        settings: for how long things are kept.
        store: where they are.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def forget_what_is_old(self) -> None:
        """Delete it.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._store.workers.forget(self._settings.workers_days)
        self._store.batches.forget(self._settings.batches_days)
        self._store.deployments.forget_events(self._settings.events_days)
        self._store.variables.forget()
