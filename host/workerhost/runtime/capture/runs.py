"""What a host says in a project's log of its runs: workflow tasks that fail, and runs that do."""

import threading
from collections import OrderedDict

import temporalio.workflow
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.code.capture.origin import run_origin
from workerhost.runtime.capture.failures import say_failure, text_of
from workerhost.runtime.capture.project_log import ProjectLog
from workerhost.words import BuildId

MOST_STUCK = 1000
"""Runs of a project whose failing tasks are remembered; of others each failure is said."""

_WAITS = ("NotReadyYetError",)
"""Types of errors with which a task merely waits for its project's process."""


class RunFailures:
    """Says once of each run why its workflow tasks fail, until another reason or a task that does not.

    Called on threads of the workflow task executor and on those that read what processes send; takes microseconds.

    Args:
        log: of the project.
    """

    def __init__(self, log: ProjectLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._reasons: OrderedDict[str, int] = OrderedDict()
        """The hash of the text, by run: a text may have megabytes."""

    def after_task(
        self,
        info: temporalio.workflow.Info,
        build_id: BuildId | None,
        completion: WorkflowActivationCompletion,
        *,
        is_replaying: bool,
    ) -> None:
        """Learn how a workflow task went.

        Args:
            info: of the run.
            build_id: that it is on; None where it has none yet.
            completion: of its activation.
            is_replaying: whether it repeats what was done before.
        """
        if completion.HasField("failed"):
            self.note_failed_task(info, build_id, completion.failed.failure)
            return
        if self._reasons:
            with self._lock:
                self._reasons.pop(info.run_id, None)
        if is_replaying:
            return
        for command in completion.successful.commands:
            if command.HasField("fail_workflow_execution"):
                failure = command.fail_workflow_execution.failure
                say_failure(self._log, run_origin(info, build_id), "the run failed", failure)

    def note_failed_task(self, info: temporalio.workflow.Info, build_id: BuildId | None, failure: Failure) -> None:
        """Say that a workflow task has failed, unless that was said of this run with this reason."""
        if failure.application_failure_info.type in _WAITS:
            return
        reason = hash(text_of(failure))
        with self._lock:
            if self._reasons.get(info.run_id) == reason:
                return
            self._reasons[info.run_id] = reason
            self._reasons.move_to_end(info.run_id)
            if len(self._reasons) > MOST_STUCK:
                self._reasons.popitem(last=False)
        what = "a workflow task failed, and is tried again until it does not"
        say_failure(self._log, run_origin(info, build_id), what, failure)

    def after_nondeterminism(self, info: temporalio.workflow.Info, build_id: BuildId | None, message: str) -> None:
        """Say that the history of a run does not fit its code, as the SDK says it."""
        self.note_failed_task(info, build_id, Failure(message=message))
