"""Smoke runs: an execution on a build that is not current yet, to see that it works."""

import time
import uuid
from dataclasses import replace

from workerhost.errors import ConflictError, NotFoundError, SmokeFailedError
from workerhost.model import BuildSummary, Project, Smoke, SmokeOutcome
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.starting.start_options import StartOptions
from workerhost.runtime.executions.starting.starts import Starts
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.store import Store
from workerhost.words import ExecutionStatus, RunId, StuckCode, WorkerStatus, WorkflowId

LOOK_SECONDS = 1.0
"""How often a smoke run that goes on is looked at; its end is noticed at once."""

STUCK_LOOKS = 2
"""After so many looks in a row that find the workflow task failing, the run is given up: its code raises every time."""

TASK_FAILURES = (StuckCode.WORKFLOW_TASK_FAILS, StuckCode.NO_BUILD)
"""What keeps a run whose workflow task fails."""


class SmokeRunner:
    """Runs executions on builds. Safe to use from any thread; a call blocks for at most the run's timeout.

    Args:
        store: tells whether the project runs.
        starts: starts the run.
        executions: looks at it.
        checker: refuses arguments that do not fit.
    """

    def __init__(self, store: Store, starts: Starts, executions: Executions, checker: ArgumentChecker) -> None:
        self._store = store
        self._starts = starts
        self._executions = executions
        self._checker = checker

    def run(self, project: Project, build: BuildSummary, smoke: Smoke) -> SmokeOutcome:
        """Run the execution on `build`, which must be stored, and return how it went if it completed.

        Raises:
            ConflictError: no worker of the project runs.
            NotFoundError: the build does not have the workflow type.
            InvalidArgumentsError: the arguments do not fit the type.
            SmokeFailedError: it did not complete; it is terminated if it still ran.
            TemporalUnavailableError: Temporal does not answer.
        """
        if not build.runs(smoke.workflow_type):
            known = ", ".join(build.workflow_types)
            raise NotFoundError(
                f"the build has no workflow type {smoke.workflow_type} for a smoke run; it has: {known}",
                code="workflow_type_not_found",
            )
        if not any(worker.status == WorkerStatus.RUNNING for worker in self._store.workers.alive(project.id)):
            raise ConflictError(
                f"no worker of project {project.id} runs, and a smoke run needs one; start the project first",
                code="not_running",
            )
        self._checker.check_start(project, [build.id], smoke.workflow_type, smoke.args)
        began = time.monotonic()
        workflow_id = WorkflowId(f"smoke-{build.id[:12]}-{uuid.uuid4().hex[:8]}")
        options = StartOptions(build=build.id)
        _, run_id = self._starts.start(project, smoke.workflow_type, smoke.args, workflow_id, options)
        execution, error = self._wait(project, workflow_id, run_id, began + smoke.timeout)
        outcome = SmokeOutcome(
            workflow_id, run_id, execution.status, round(1000 * (time.monotonic() - began)), execution.result, error
        )
        if error is not None:
            raise SmokeFailedError(
                f"the smoke run of {smoke.workflow_type} on the new build did not complete: {error}; "
                "nothing was published",
                outcome,
            )
        return outcome

    def _wait(
        self, project: Project, workflow_id: WorkflowId, run_id: RunId, deadline: float
    ) -> tuple[Execution, str | None]:
        """Wait for the end; return the execution and what is wrong with it, if anything is."""
        failing = 0
        while True:
            left = deadline - time.monotonic()
            execution = self._executions.get(project, workflow_id, max(0.0, min(left, LOOK_SECONDS)))
            if execution.run_id != run_id:
                self._terminate(project, workflow_id, "the smoke run has ended")
                reason = "it continued as new, and such a run takes the current build; choose another workflow"
                return replace(execution, status=ExecutionStatus.CONTINUED_AS_NEW), reason
            if execution.status != ExecutionStatus.RUNNING:
                is_done = execution.status == ExecutionStatus.COMPLETED
                return execution, None if is_done else execution.error or f"it is {execution.status}"
            failure = execution.stuck if execution.stuck and execution.stuck.code in TASK_FAILURES else None
            failing = failing + 1 if failure else 0
            is_given_up = failing >= STUCK_LOOKS or left <= 0
            if is_given_up and self._terminate(project, workflow_id, "the smoke run did not complete"):
                reason = failure.reason if failure else "it did not end in time"
                return replace(execution, status=ExecutionStatus.TERMINATED), reason

    def _terminate(self, project: Project, workflow_id: WorkflowId, reason: str) -> bool:
        """End the run; return False where it has ended by itself in this moment."""
        try:
            self._executions.terminate(project, workflow_id, reason)
        except (ConflictError, NotFoundError):
            return False
        return True
