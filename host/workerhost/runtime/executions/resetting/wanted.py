"""What somebody wants of a reset."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workerhost.runtime.executions.resetting.points import ResetTo
from workerhost.words import BuildId, RunId, WorkflowId


@dataclass(frozen=True)
class WantedReset:
    """Where a run is taken back to, and how it goes on."""

    to: ResetTo
    """Which task is done again, or the step before which the run is taken back."""
    build: BuildId | None = None
    """Id of the build that it goes on with, or `current`. None for the build that it is on; from its first task on, for
    the build that a new run takes."""
    reason: str | None = None
    """Why, for its history."""


@dataclass(frozen=True)
class RepeatableReset:
    """One run whose reset may be asked for again, after a host has died, and is then done once."""

    run_id: RunId
    request_id: str
    """The same one each time."""
    since: datetime
    """Before it was asked for first: the run has been reset by this where it was reset after that."""


class RunResetter(Protocol):
    """Resets single runs. Safe to use from any thread; every call may block."""

    def reset(
        self, project_id: str, workflow_id: WorkflowId, wanted: WantedReset, repeatable: RepeatableReset | None = None
    ) -> RunId:
        """Take a run back, and return the id of the run that goes on from there.

        Args:
            project_id: its project.
            workflow_id: its workflow id.
            wanted: what is done.
            repeatable: the run, which must be the latest one of its workflow id; None for the latest one.

        Raises:
            WorkerhostError: it cannot be reset; the sentence says why.
        """
