"""What a project worker does at one moment, and where it says so."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from workerhost.model import Deployment
from workerhost.words import WorkerStatus

if TYPE_CHECKING:
    from workerhost.runtime.workers.project_worker import ProjectWorker


@dataclass(frozen=True)
class WorkerState:
    """What a project worker is doing at one moment."""

    status: WorkerStatus
    error: Exception | None = None
    """Why it has failed, or why it is still starting."""
    number: int = field(default=0, compare=False)
    """Of this state among those of the worker: an older one never takes the place of a newer one."""


class WorkerRecorder(Protocol):
    """Where a project worker says what it does. Called from the worker's thread and from those that command it."""

    def save(self, worker: "ProjectWorker", state: WorkerState) -> None:
        """Write the worker's row with the state that it is about to be in; may block, and never raises."""

    def named_deployment(self, worker: "ProjectWorker") -> Deployment | None:
        """Return the deployment that the worker's row names, or None where it names none; never blocks."""

    def save_deployment(self, worker: "ProjectWorker") -> None:
        """Write which deployment the worker follows; may block.

        Raises:
            StoreUnavailableError: the database does not answer.
        """


FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
"""Seconds before the next try; each failure doubles them."""

HEALTHY_SECONDS = 60.0
"""A worker that ran this long before it failed is tried again as if it had never failed."""


class RetryDelays:
    """How long a worker that failed waits before its next try. Belongs to the worker's thread."""

    def __init__(self) -> None:
        self._next = FIRST_DELAY

    def after(self, seconds: float) -> float:
        """Return the seconds to wait after a try that went well for so long."""
        delay = FIRST_DELAY if seconds > HEALTHY_SECONDS else self._next
        self._next = min(2 * delay, LONGEST_DELAY)
        return delay
