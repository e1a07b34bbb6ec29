"""Reading from several descriptors, from each so much in a second and no more: whoever writes more waits."""

import select
import time
from collections.abc import Mapping


class PacedReader:
    """Says which descriptors can be read and may be. Belongs to one thread.

    Args:
        budgets: of each descriptor, for a second, in whatever its reader counts.
    """

    def __init__(self, budgets: Mapping[int, float]) -> None:
        self._budgets = dict(budgets)
        self._left = dict(budgets)
        self._until = 0.0
        self._poll = select.poll()
        for descriptor in budgets:
            self._poll.register(descriptor, select.POLLIN)

    def take(self, descriptor: int, amount: float) -> None:
        """Note that so much was read; with infinity the descriptor is not read again."""
        now = time.monotonic()
        if now >= self._until:
            self._begin_second(now)
        self._left[descriptor] -= amount
        if self._left[descriptor] <= 0:
            self._poll.unregister(descriptor)

    def wait(self) -> list[int]:
        """Wait until something can be read that may be, and return what; nothing where it is to be asked again."""
        exhausted = [each for each, left in self._left.items() if -float("inf") < left <= 0]
        if not exhausted:
            return [descriptor for descriptor, _ in self._poll.poll()]
        pause = self._until - time.monotonic()
        if pause <= 0:
            self._begin_second(time.monotonic())
            return []
        return [descriptor for descriptor, _ in self._poll.poll(1000 * pause)]

    def _begin_second(self, now: float) -> None:
        self._until = now + 1
        for descriptor, left in self._left.items():
            if left == -float("inf"):
                continue
            if left <= 0:
                self._poll.register(descriptor, select.POLLIN)
            self._left[descriptor] = self._budgets[descriptor]
