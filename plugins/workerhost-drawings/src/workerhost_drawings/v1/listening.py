"""Waiting for events, which reach a run as signals and are kept until somebody takes them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from temporalio import workflow

Filter = Callable[[Any], bool]


@dataclass(eq=False)
class Listening:
    """Takes the events that fit, one after the other, out of those that a run has received.

    Args:
        queue: the events that nobody has taken yet; those that do not fit stay.
        filters: one of which an event must fit; with none, every event fits.
        mode: `one` takes one event; `any` one, or all until `until` is so; `all` one for each filter.
        until: whether the event that came last was the last one.
        timeout: how long it goes on in all; None for no end.
        node: of the drawing, for the timer.
        events: those that it has taken.
    """

    queue: deque[Any]
    filters: Sequence[Filter] = ()
    mode: Literal["one", "any", "all"] = "one"
    until: Filter | None = None
    timeout: timedelta | None = None
    node: str | None = None
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = list(self.filters)
        self._deadline = None if self.timeout is None else workflow.now() + self.timeout
        self._summary = None if self.node is None else f"[node: {self.node}]"

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
        if self.mode == "all":
            return not self._left and bool(self.events)
        if not self.events:
            return False
        return self.mode == "one" or self.until is None or self.until(self.events[-1])

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
        return next((place for place, event in enumerate(self.queue) if self._fitting(event) is not None), None)

    def _take(self) -> Any:
        place = self._place()
        assert place is not None  # noqa: S101  whoever calls has waited for it
        event = self.queue[place]
        del self.queue[place]
        fitting = self._fitting(event)
        if self.mode == "all" and fitting is not None and fitting < len(self._left):
            del self._left[fitting]
        return event

    def _fitting(self, event: Any) -> int | None:
        """Return the number of the filter that an event fits; 0 where there is none."""
        if not self._left:
            return 0
        return next((number for number, fits in enumerate(self._left) if fits(event)), None)
