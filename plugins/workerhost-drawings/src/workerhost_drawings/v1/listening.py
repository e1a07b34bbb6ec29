"""Waiting for events, which reach a run as signals and are kept until somebody takes them."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Literal

from temporalio import workflow

Filter = Callable[[Any], bool]


class Listening:
    """Takes the events that fit, one after the other, out of those that a run has received.

    Args:
        queue: the events that nobody has taken yet; those that do not fit stay.
        filters: one of which an event must fit; with none, every event fits.
        mode: `one` takes one event; `any` one, or all until `until` is so; `all` one for each filter.
        until: whether the event that came last was the last one.
        timeout: how long it goes on in all; None for no end.
        node: of the drawing, for the timer.
    """

    def __init__(
        self,
        queue: deque[Any],
        filters: Sequence[Filter],
        mode: Literal["one", "any", "all"],
        until: Filter | None,
        timeout: timedelta | None,
        node: str | None,
    ) -> None:
        self._queue = queue
        self._filters = list(filters)
        self._mode = mode
        self._until = until
        self._deadline = None if timeout is None else workflow.now() + timeout
        self._summary = None if node is None else f"[node: {node}]"
        self.events: list[Any] = []
        """Those that it has taken."""

    async def next(self) -> Any:
        """Return the next event; None when there is none to come, or the time is over."""
        if self._is_over() or not await self._arrived():
            return None
        event = self._take()
        self.events.append(event)
        return event

    async def all(self) -> list[Any]:
        """Return all events, when the last has come or the time is over."""
        while await self.next() is not None:
            pass
        return self.events

    def _is_over(self) -> bool:
        if self._mode == "all":
            return not self._filters and bool(self.events)
        if not self.events:
            return False
        return self._mode == "one" or self._until is None or self._until(self.events[-1])

    async def _arrived(self) -> bool:
        """Wait until there is an event that fits; false after the timeout."""
        while self._place() is None:
            left = None if self._deadline is None else self._deadline - workflow.now()
            if left is not None and left <= timedelta(0):
                return False
            try:
                await workflow.wait_condition(self._has_one, timeout=left, timeout_summary=self._summary)
            except TimeoutError:
                return self._has_one()
        return True

    def _has_one(self) -> bool:
        return self._place() is not None

    def _place(self) -> int | None:
        """Return the place in the queue of the first event that fits."""
        return next((place for place, event in enumerate(self._queue) if self._fitting(event) is not None), None)

    def _take(self) -> Any:
        place = self._place()
        assert place is not None  # noqa: S101  whoever calls has waited for it
        event = self._queue[place]
        del self._queue[place]
        fitting = self._fitting(event)
        if self._mode == "all" and fitting is not None and fitting < len(self._filters):
            del self._filters[fitting]
        return event

    def _fitting(self, event: Any) -> int | None:
        """Return the number of the filter that an event fits; 0 where there is none."""
        if not self._filters:
            return 0
        return next((number for number, fits in enumerate(self._filters) if fits(event)), None)
