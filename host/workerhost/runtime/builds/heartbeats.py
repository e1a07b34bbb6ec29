"""Counts the heartbeats of activities that reach Temporal."""

import time
from typing import Any

import temporalio.activity
from temporalio.worker import ActivityOutboundInterceptor

from workerhost.runtime.observing.observers import Observer

SHARE, MOST_SECONDS, SECONDS_WITHOUT_TIMEOUT = 0.8, 60.0, 30.0
"""The SDK sends the next heartbeat when this share of the timeout has passed, and after so many seconds at most; where
there is no timeout, after so many: `max_heartbeat_throttle_interval` and `default_heartbeat_throttle_interval` of its
`Worker`."""


class CountedHeartbeats(ActivityOutboundInterceptor):
    """Counts one heartbeat for each interval in which the SDK sends one: an estimate, since the SDK does not tell.

    Lives as long as an attempt of an activity; its heartbeats come from one thread at a time.

    Args:
        next: what sends them.
        project_id: whose activity it is.
        observer: learns of each that counts.
    """

    def __init__(self, next: ActivityOutboundInterceptor, project_id: str, observer: Observer) -> None:  # noqa: A002
        super().__init__(next)
        self._project_id = project_id
        self._observer = observer
        self._next_at = float("-inf")

    def heartbeat(self, *details: Any) -> None:
        """Send a heartbeat."""
        super().heartbeat(*details)
        now = time.monotonic()
        if now >= self._next_at:
            info = temporalio.activity.info()
            self._next_at = now + _interval(info)
            if not info.is_local:
                self._observer.acted(self._project_id, 1)


def _interval(info: temporalio.activity.Info) -> float:
    if info.heartbeat_timeout is None:
        return SECONDS_WITHOUT_TIMEOUT
    return min(SHARE * info.heartbeat_timeout.total_seconds(), MOST_SECONDS)
