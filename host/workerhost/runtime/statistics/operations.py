"""Statistics of a host, assembled: what counts, what writes, what tidies up."""

from workerhost.runtime.statistics.flush import StatisticsFlush
from workerhost.runtime.statistics.recorder import StatisticsRecorder
from workerhost.runtime.statistics.roll_up import StatisticsRollUp
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import HostId


class Statistics:
    """Made, started and stopped in the main thread; each part says who else may use it.

    Args:
        settings: of this process.
        store: where figures are kept.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.recorder = StatisticsRecorder()
        self._store = store
        self._flush: StatisticsFlush | None = None
        self._roll_up = StatisticsRollUp(store, settings)

    def start(self, host_id: HostId) -> None:
        """Have figures written for this host from now on."""
        self._flush = StatisticsFlush(self.recorder, self._store, host_id)

    def stop(self) -> None:
        """Write what is left; before `start` there is nothing to write."""
        self._roll_up.stop()
        if self._flush is not None:
            self._flush.stop()

    def flush_statistics(self) -> None:
        """Write what has changed.

        Raises:
            StoreUnavailableError: the database does not answer; what has changed is kept and written later.
        """
        if self._flush is not None:
            self._flush.write_changed()

    def roll_up_statistics(self) -> None:
        """Roll up hours, and drop days, that are old by now.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._roll_up.roll_up()
