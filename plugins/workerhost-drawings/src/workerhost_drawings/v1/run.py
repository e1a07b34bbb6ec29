"""The base of drawn workflows: what a run has received, and which nodes it has passed."""

import functools
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn, TypeVar

from temporalio import workflow

from workerhost_drawings.v1 import js
from workerhost_drawings.v1.errors import EndlessError
from workerhost_drawings.v1.listening import Filter, Listening

MOST_NODES = 1000
"""How many nodes a run remembers to have passed: those that it passed last."""

MOST_AT_ONCE = 100_000
"""How many nodes a run may pass without waiting for anything. Temporal gives up on code that takes two seconds."""

EVENT = "event"
"""The signal that brings events."""

_Run = TypeVar("_Run", bound=Callable[..., Awaitable[Any]])


class Ended(BaseException):
    """Ends the run from within a function of it. No `except Exception` on the way catches it.

    Args:
        result: of the run.
    """

    def __init__(self, result: object = None) -> None:
        super().__init__("the run has ended")
        self.result = result


def ends_anywhere(run: _Run) -> _Run:
    """Have a method `run` return what an `Ended` says that leaves it."""

    @functools.wraps(run)
    async def ending(*args: Any, **kwargs: Any) -> Any:
        try:
            return await run(*args, **kwargs)
        except Ended as end:
            return end.result

    return ending  # type: ignore[return-value]


class Drawn:
    """A workflow that was drawn. Its class has a method for each signal, which keeps what was sent until it is read."""

    def __init__(self) -> None:
        self._received: dict[str, deque[Any]] = {}
        self._passed: OrderedDict[str, _Passing] = OrderedDict()
        self._resume: Mapping[str, Any] = {}
        self._now: datetime | None = None
        self._at_once = 0
        self._answers: dict[str, Callable[[], object]] = {}

    def keep(self, signal: str, payload: object) -> None:
        """Keep what a signal brought until somebody receives it."""
        self.waiting(signal).append(payload)

    def waiting(self, signal: str) -> deque[Any]:
        """Return what was sent under a name and not received yet, the oldest first."""
        return self._received.setdefault(signal, deque())

    def take(self, update: str, payload: object) -> dict[str, bool]:
        """Keep what an update brought, as the signal of its name would, and return what is answered at once."""
        self.keep(update, payload)
        return {"accepted": True}

    def refuse_without_fields(self, update: str, payload: object) -> None:
        """Refuse an update that brings no fields.

        Raises:
            ValueError: the payload is no object; the run has not taken it.
        """
        if not isinstance(payload, dict):
            raise ValueError(f"{update} takes an object with fields")  # noqa: TRY004  of what was sent

    def answers(self, query: str, answer: Callable[[], object]) -> None:
        """Say what a query is answered with from now on.

        Args:
            query: its name.
            answer: returns it, as JSON; it changes nothing.
        """
        self._answers[query] = answer

    def answer(self, query: str) -> object:
        """Return the answer to a query; None as long as the run has not begun with its first node."""
        answer = self._answers.get(query)
        return answer() if answer is not None else None

    async def receive(
        self,
        signal: str,
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109  a timer whose summary names the node
        node: str | None = None,
    ) -> dict[str, Any]:
        """Wait for a signal, and return the fields of what was sent and `acknowledged`.

        Args:
            signal: its name. What was sent before is received at once, the oldest first.
            timeout: after which only `acknowledged` is returned, false; None for no end.
            node: of the drawing, noted as passed when the wait is over.
        """
        arrived = await self.arrived(self.waiting(signal), timeout, node)
        if node is not None:
            self.passed(node)
        if not arrived:
            return {"acknowledged": False}
        payload = self.waiting(signal).popleft()
        fields = payload if isinstance(payload, dict) else {"value": payload}
        return {**fields, "acknowledged": True}

    def listen(
        self,
        filters: Sequence[Filter] = (),
        *,
        mode: Literal["one", "any", "all"] = "one",
        until: Filter | None = None,
        timeout: timedelta | None = None,
        node: str | None = None,
    ) -> Listening:
        """Return what takes the events that the run receives; its arguments are those of `Listening`."""
        if node is not None:
            self.passed(node)
        return Listening(self.waiting(EVENT), filters, mode, until, timeout, node)

    async def arrived(
        self,
        queue: Sequence[Any],
        timeout: timedelta | None,  # noqa: ASYNC109  as of `receive`
        node: str | None,
    ) -> bool:
        """Wait until there is something in a queue; false after the timeout.

        Args:
            queue: which may be emptied by another part of the run meanwhile.
            timeout: None for no end.
            node: of the drawing, for the timer.
        """
        deadline = None if timeout is None else workflow.now() + timeout
        while not queue:
            left = None if deadline is None else deadline - workflow.now()
            if left is not None and left <= timedelta(0):
                return False
            summary = f"[node: {node}]" if node is not None else None
            try:
                await workflow.wait_condition(lambda: bool(queue), timeout=left, timeout_summary=summary)
            except TimeoutError:
                return bool(queue)
        return True

    def passed(self, node: str) -> None:
        """Note that the run has come to a node of which its history says nothing.

        Raises:
            EndlessError: it has passed `MOST_AT_ONCE` nodes, and has waited for nothing meanwhile.
        """
        now = workflow.now()
        self._at_once = self._at_once + 1 if now == self._now else 1
        self._now = now
        if self._at_once > MOST_AT_ONCE:
            raise EndlessError(node, MOST_AT_ONCE)
        seen = self._passed.pop(node, None)
        self._passed[node] = _Passing(now, seen.times + 1 if seen else 1)
        if len(self._passed) > MOST_NODES:
            self._passed.popitem(last=False)

    @workflow.query(name="workerhost:nodes")
    def nodes(self) -> list[dict[str, Any]]:
        """Return the nodes that the run has passed, in the order in which it came to each of them last.

        Each is `{"node", "at", "times"}`: when it came there last, as an ISO 8601 text, and how often it has been
        there. At most the last `MOST_NODES` are known, and a run that was continued as new begins with none.
        """
        return [{"node": node, "at": each.at.isoformat(), "times": each.times} for node, each in self._passed.items()]

    def resume(self, resume: Mapping[str, Any] | None, loops: Sequence[str]) -> None:
        """Take what the run before has handed over.

        Args:
            resume: the second argument of the run; None where it begins at its beginning.
            loops: at which this version of the workflow can go on.

        Raises:
            RuntimeError: it is to go on at another. The run waits for a version that has that loop.
        """
        if resume is None:
            return
        if resume["loop"] not in loops:
            raise RuntimeError(
                f"the run is to go on at the loop {resume['loop']}, which this version of the drawing does not have; "
                "it goes on when a version that has it is published"
            )
        self._resume = resume
        for signal, payloads in resume["signals"].items():
            self.waiting(signal).extendleft(reversed(payloads))

    def resumes_at(self, loop: str) -> bool:
        """Tell whether the run is to go on at a loop."""
        return bool(self._resume) and self._resume["loop"] == loop

    def carried(self, local: str) -> Any:
        """Return what a local held at the end of the run before."""
        return self._resume["locals"].get(local, js.undefined)

    async def begin_anew(self, loop: str, input: object, local_values: Mapping[str, Any]) -> NoReturn:  # noqa: A002
        """Continue as a new run, which goes on at a loop.

        Args:
            loop: its id.
            input: of the run.
            local_values: what the locals hold that the rest of the run reads.
        """
        await workflow.wait_condition(workflow.all_handlers_finished)
        signals = {signal: list(payloads) for signal, payloads in self._received.items() if payloads}
        resume = {"loop": loop, "locals": local_values, "signals": signals}
        workflow.continue_as_new(args=[js.plain(input), js.plain(resume)])


class _Passing:
    """When and how often a node was passed."""

    __slots__ = ("at", "times")

    def __init__(self, at: datetime, times: int) -> None:
        self.at = at
        self.times = times
