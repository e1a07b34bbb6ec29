"""Writes what projects use."""

import logging

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.usage.recorder import UsageRecorder
from workerhost.store import Store

log = logging.getLogger(__name__)


class UsageKeeper:
    """Has usage written. Safe to use from any thread; every call may block.

    Args:
        store: where it is written.

    Attributes:
        recorder: counts.
    """

    def __init__(self, store: Store) -> None:
        self.recorder = UsageRecorder()
        self._store = store

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
