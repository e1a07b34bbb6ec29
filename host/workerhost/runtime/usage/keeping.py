"""Writes what projects use, and lets go of what is too old."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.hosts.jobs import Job
from workerhost.runtime.usage.recorder import UsageRecorder
from workerhost.settings import Settings
from workerhost.store import Store

log = logging.getLogger(__name__)

TIDY_SECONDS = 3600.0
"""How often old days are summed up and deleted."""

WRITTEN_DAYS = 2
"""Days after which nobody writes a day's figures any more, but adds to them; see `UsageRecorder.write`."""


class UsageKeeper:
    """Has usage written and tidied up. Its methods belong to the threads of their jobs, one at a time each.

    Args:
        settings: how often it is written, and how long it is kept.
        store: where it is written.

    Attributes:
        recorder: counts.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.recorder = UsageRecorder()
        self._settings = settings
        self._store = store

    def jobs(self) -> Iterator[Job]:
        """Yield what is done now and then."""
        yield Job(self.flush_usage, self._settings.heartbeat_interval, begins_at_once=False)
        yield Job(self.tidy_usage, TIDY_SECONDS)

    def flush_usage(self) -> None:
        """Write what has changed, in one statement; none is sent where nothing has.

        Raises:
            StoreUnavailableError: the database does not answer; what was to be written is kept.
        """
        self.recorder.write(self._store.usage.save)

    def stop(self) -> None:
        """Write what is left; where the database does not answer, that is lost and said."""
        try:
            self.flush_usage()
        except StoreUnavailableError as error:
            log.warning("what projects used since the last write is lost: %s", error)

    def tidy_usage(self) -> None:
        """Sum up what several hosts wrote of days that are over, and delete days that are too old.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        today = datetime.now(UTC).date()
        self._store.usage.forget(today - timedelta(days=self._settings.usage_days))
        self._store.usage.merge(today - timedelta(days=WRITTEN_DAYS))
