"""Statistics of a host, assembled: what counts, and what writes."""

from workerhost.runtime.statistics.flush import StatisticsFlush
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.store import Store
from workerhost.words import HostId


class Statistics:
    """Made, started and stopped in the main thread; each part says who else may use it.

    Args:
        store: where figures are kept.
    """

    def __init__(self, store: Store) -> None:
        self.recorder = StatisticsRecorder()
        self._store = store
        self._flush: StatisticsFlush | None = None

    def start(self, host_id: HostId) -> None:
        """Have figures written for this host from now on."""
        self._flush = StatisticsFlush(self.recorder, self._store, host_id)

    def stop(self) -> None:
        """Write what is left; before `start` there is nothing to write."""
        if self._flush is not None:
            self._flush.stop()

    def flush_statistics(self) -> None:
        """Write what has changed.

        Raises:
            StoreUnavailableError: the database does not answer; what has changed is kept and written later.
        """
        if self._flush is not None:
            self._flush.write_changed()
