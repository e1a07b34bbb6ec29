"""Tells how the runs of a project begin and end."""

import threading
from datetime import UTC, datetime

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation

from workerhost.observed import Outcome, RunEnd
from workerhost.runtime.observing.observers import Observer
from workerhost.words import BuildId

MOST_RECENT = 128
"""Runs of a project that are known as begun, or as ended, so that they are not told twice. A workflow task that the
server did not take, since the run got a signal meanwhile, is done again at once."""

CLOSING_COMMANDS = {
    "complete_workflow_execution": Outcome.COMPLETED,
    "fail_workflow_execution": Outcome.FAILED,
    "cancel_workflow_execution": Outcome.CANCELED,
    "continue_as_new_workflow_execution": Outcome.CONTINUED_AS_NEW,
}
"""The commands that end a run, and how it has ended then."""


class WatchedRuns:
    """Looks at each workflow task that was done and is no replay. Called on any thread.

    Args:
        project_id: whose runs they are.
        observer: who is told.
    """

    def __init__(self, project_id: str, observer: Observer) -> None:
        self._project_id = project_id
        self._observer = observer
        self._begun, self._ended = _Recent(), _Recent()

    def note_task(
        self, info: temporalio.workflow.Info, build_id: BuildId, activation: WorkflowActivation, ends_with: str | None
    ) -> None:
        """Tell what the task was to its run.

        Args:
            info: of the run.
            build_id: of the build that it is on.
            activation: what was new for the run.
            ends_with: the command that ends the run; None where it goes on.
        """
        if any(job.HasField("initialize_workflow") for job in activation.jobs) and self._begun.add(info.run_id):
            self._observer.run_began(self._project_id)
        if ends_with is not None and self._ended.add(info.run_id):
            self._observer.run_ended(self._end(info, build_id, activation, CLOSING_COMMANDS[ends_with]))

    def _end(
        self, info: temporalio.workflow.Info, build_id: BuildId, activation: WorkflowActivation, outcome: Outcome
    ) -> RunEnd:
        # Both times are of the server's clock, so that a host whose clock is wrong tells the right duration. What the
        # last task takes itself is not in it.
        until = activation.timestamp.ToDatetime(tzinfo=UTC)
        return RunEnd(
            project_id=self._project_id,
            workflow_type=info.workflow_type,
            build_id=build_id,
            outcome=outcome,
            seconds=max((until - info.workflow_start_time).total_seconds(), 0.0),
            attempt=info.attempt,
            history_bytes=activation.history_size_bytes,
            ended_at=datetime.now(UTC),
        )


class _Recent:
    """The ids that were added last. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, None] = {}

    def add(self, run_id: str) -> bool:
        """Add an id; tell whether it was not there."""
        with self._lock:
            if run_id in self._ids:
                return False
            self._ids[run_id] = None
            if len(self._ids) > MOST_RECENT:
                del self._ids[next(iter(self._ids))]
            return True
