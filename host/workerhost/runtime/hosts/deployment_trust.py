"""Whether this host can be sure to know what is deployed."""

import time
from datetime import UTC, datetime, timedelta

TRUSTED_SHARE = 0.8
"""For which share of the lease timeout after a heartbeat a host may be sure that nobody has taken it for dead."""


class DeploymentTrust:
    """Tells whether no publish can have been answered that this host has not seen.

    A publish is answered when all hosts have taken it over, but for those whose heartbeats have stopped for a lease
    timeout. So a host that has beaten in time, and looked since, has missed none; one that was asleep, or without the
    database, may have.

    `note_beat` belongs to whoever beats, `note_look` to the host's thread; the rest may be read from any thread.

    Args:
        lease_timeout: seconds without heartbeat after which others take this host for dead.
    """

    def __init__(self, lease_timeout: float) -> None:
        self._seconds = TRUSTED_SHARE * lease_timeout
        self._beaten_at = float("-inf")
        """When the last heartbeat that was written was begun."""
        self._beats_since = float("inf")
        """Since when no heartbeat has come late."""
        self._looked_at = 0.0
        """When the last look at the projects was begun."""

    @property
    def is_given(self) -> bool:
        """Whether this host is sure to know what is deployed."""
        return boot_time() - self._beaten_at < self._seconds and self._looked_at >= self._beats_since

    @property
    def lapsed_at(self) -> datetime:
        """When trust has ended, or will, unless this host beats before that."""
        return datetime.now(UTC) + timedelta(seconds=self._beaten_at + self._seconds - boot_time())

    def note_beat(self, began: float) -> None:
        """Learn that a heartbeat was written; `began` is the `boot_time` before that."""
        ended = boot_time()
        if ended - self._beaten_at > self._seconds:
            self._beats_since = ended
        self._beaten_at = began

    def note_look(self, began: float) -> None:
        """Learn that the deployments of all projects were read; `began` is the `boot_time` before that."""
        self._looked_at = began


def boot_time() -> float:
    """Return seconds since the machine was started; unlike the monotonic clock it goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
