"""Tells how each attempt of an activity ends."""

import asyncio
import time
from datetime import UTC, datetime

import temporalio.activity
from temporalio.exceptions import CancelledError

from workerhost.observed import ActivityEnd, Outcome
from workerhost.runtime.observing.observers import Observer
from workerhost.words import BuildId

_NO_END = (temporalio.activity._CompleteAsyncError, GeneratorExit)  # noqa: SLF001  it has no public name
"""What leaves an activity that goes on elsewhere, or that nobody waits for any more."""


class WatchedActivity:
    """A block that runs one attempt of an activity, on the project worker's event loop.

    Attempts that end here are told, whatever the server thinks of them by then: one that has taken longer than it may
    has timed out, also where it was not interrupted. One that completes asynchronously does not end here.

    Args:
        project_id: whose activity it is.
        build_id: of the build that is asked for it.
        observer: who is told.
    """

    __slots__ = ("_began", "_build_id", "_observer", "_project_id", "timed_out_after")

    def __init__(self, project_id: str, build_id: BuildId | None, observer: Observer) -> None:
        self._project_id = project_id
        self._observer = observer
        self._build_id = build_id
        self._began = 0.0
        self.timed_out_after: float | None = None
        """After the block, the seconds that the attempt took, where that was longer than it may."""

    def __enter__(self) -> None:
        """Note the time."""
        self._began = time.monotonic()

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Tell how it ended."""
        if isinstance(error, _NO_END):
            return
        seconds = time.monotonic() - self._began
        info = temporalio.activity.info()
        outcome = _outcome(info, error, seconds)
        if outcome == Outcome.TIMED_OUT:
            self.timed_out_after = seconds
        self._observer.activity_ended(
            ActivityEnd(
                project_id=self._project_id,
                activity=info.activity_type,
                workflow_type=info.workflow_type or "",
                build_id=self._build_id,
                outcome=outcome,
                seconds=seconds,
                attempt=info.attempt,
                ended_at=datetime.now(UTC),
            )
        )


def _outcome(info: temporalio.activity.Info, error: BaseException | None, seconds: float) -> Outcome:
    longest = info.start_to_close_timeout
    if longest is not None and seconds >= longest.total_seconds() > 0:
        return Outcome.TIMED_OUT
    if error is None:
        return Outcome.COMPLETED
    details = temporalio.activity.cancellation_details()
    if details is None or not isinstance(error, asyncio.CancelledError | CancelledError):
        return Outcome.FAILED
    return Outcome.TIMED_OUT if details.timed_out else Outcome.CANCELED
