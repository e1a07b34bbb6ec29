"""Writes what was counted: now and then, and once more at the end."""

import logging
import threading
from datetime import UTC, datetime, timedelta

from workerhost.errors import StoreUnavailableError
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.statistics.tally import hour_of
from workerhost.store import Store
from workerhost.words import HostId

log = logging.getLogger(__name__)

KEPT_HOURS = 12
"""How long after its end an hour is kept in memory whose figures cannot be written. What is older is given up, so that
hosts can be sure that nobody writes figures of days that they roll up."""


class StatisticsFlush:
    """Writes the rows that have changed, as absolute values: one that is written again counts once.

    Safe to use from any thread; every call may block.

    Args:
        recorder: what counts.
        store: where figures are kept.
        host_id: who writes them.
    """

    def __init__(self, recorder: StatisticsRecorder, store: Store, host_id: HostId) -> None:
        self._recorder = recorder
        self._store = store
        self._host_id = host_id
        self._one_at_a_time = threading.Lock()
        self._said_uncounted = 0
        self._looked_at: datetime | None = None

    def write_changed(self) -> None:
        """Write what has changed since the last time; where nothing has, do nothing.

        Raises:
            StoreUnavailableError: the database does not answer; what has changed is kept and written later.
        """
        with self._one_at_a_time:
            now = datetime.now(UTC)
            self._forget_old(now)
            changed = self._recorder.take_changed(self._host_id)
            if changed:
                try:
                    self._store.statistics.write(changed.activities, changed.workflows, changed.totals)
                except BaseException:
                    self._recorder.put_back(changed)
                    raise
            self._recorder.drop_written(now)

    def stop(self) -> None:
        """Write what is left, after the last activity has ended."""
        try:
            self.write_changed()
        except StoreUnavailableError as error:
            log.warning("the figures since the last write are lost: %s", error)

    def _forget_old(self, now: datetime) -> None:
        if self._looked_at == hour_of(now):
            return
        self._looked_at = hour_of(now)  # once for each hour, since this looks at all
        if lost := self._recorder.give_up(now - timedelta(hours=KEPT_HOURS)):
            log.warning("%d rows of statistics are lost: they could not be written for %d hours", lost, KEPT_HOURS)
        if uncounted := self._recorder.uncounted - self._said_uncounted:
            self._said_uncounted += uncounted
            log.warning(
                "%d ends of activities and runs were not counted since this was last said: there are more projects and "
                "names than a host counts at once",
                uncounted,
            )
