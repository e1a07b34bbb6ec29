"""How often each webhook takes a call."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from workerhost.errors import TooManyCallsError
from workerhost.store import Webhook

RATE_PER_MINUTE, HIGHEST_RATE = 600, 60_000
"""Calls in a minute that a webhook takes where it names no number, and at most."""


class CallRates:
    """Counts the calls of each webhook within the last minute. Safe to use from any thread.

    Each host counts those that it gets itself. The library forgets older ones in a thread of its own.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, webhook: Webhook) -> None:
        """Count one call.

        Raises:
            TooManyCallsError: the webhook takes no more for now.
        """
        item = RateLimitItemPerMinute(webhook.rate_per_minute)
        if not self._limiter.hit(item, webhook.project_id, webhook.name):
            begins_again = self._limiter.get_window_stats(item, webhook.project_id, webhook.name).reset_time
            raise TooManyCallsError(max(1, math.ceil(begins_again - time.time())))
