"""One run whose code is in a project process."""

import time
from typing import Any

import temporalio.workflow
from google.protobuf.message import DecodeError
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from workerhost.code.build import Build
from workerhost.code.project_process.messages import Kind
from workerhost.code.project_process.setup import pickled, transferable
from workerhost.runtime.processes.permissions import NotPermittedError
from workerhost.runtime.processes.project_process import NotAskedError, ProcessEndedError, ProjectProcess, Question
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.words import RunId

ACTIVATION_SECONDS = 10.0
"""How long an activation may take before its process is killed. The SDK fails the task after 2 s; a machine that is
busy gets some time more, since a process that is killed takes the project's other work with it."""

LOOK_SECONDS, SPINNING_SHARE = 2.0, 0.5
"""After that long a process is killed that has used this share of a processor all the time, and has no activities that
may have used it: it does not merely wait."""

MOST_COMMANDS = 50_000
"""Of one completion. A history has at most 51,200 events: https://docs.temporal.io/workflow-execution/limits"""


class RemoteRun(WorkflowInstance):
    """Hands activations to the process. Activated on threads of the workflow task executor, by one at a time.

    Args:
        processes: of the project.
        build: that the run is on.
        details: from the SDK.
    """

    def __init__(self, processes: ProjectProcesses, build: Build, details: WorkflowInstanceDetails) -> None:
        self._processes = processes
        self._build = build
        self._details = details
        self._process: ProjectProcess | None = None

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Have the process work on what is new for the run.

        Raises:
            NotReadyYetError: there is no process yet.
            ProcessEndedError: the process has died.
            NoAnswerError: it says why there is no completion.
            NotPermittedError: the workflow does what its project may not.
            TemporalUnavailableError: it cannot be found out whether it may.
        """
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            return self._leave(act)
        question = Question(f"workflow {self._details.info.workflow_type}")
        if self._process is None:
            details = pickled(transferable(self._details))
            run_id = RunId(self._details.info.run_id)
            process = self._processes.begin(run_id, self._build, question, details, act.SerializeToString())
            self._process = process
        else:
            process = self._process
            _ask(process, question, act)
        completion = _completion(process, _answer(process, question))
        if self._processes.permissions is not None and not act.is_replaying:
            self._processes.permissions.check(completion)
        return completion

    def _leave(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Have the process forget the run; where it is gone, there is nothing to forget."""
        if self._process is not None:
            self._processes.leave(RunId(self._details.info.run_id), self._process)
            self._process.tell(Kind.EVICT, 0, act.SerializeToString())
        completion = WorkflowActivationCompletion()
        completion.successful.SetInParent()
        return completion

    def get_info(self) -> temporalio.workflow.Info:
        """Return what the SDK knows of the run."""
        return self._details.info

    def get_thread_id(self) -> int | None:
        """Return None: no thread of this process runs the workflow's code."""
        return None

    def get_serialization_context(self, command_info: Any) -> Any:
        """Return None: a codec has the context of the run, and not of each of its commands."""
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        """Return no more than that there is a run."""
        return StorageDriverStoreContext(target=None)


def _ask(process: ProjectProcess, question: Question, act: WorkflowActivation) -> None:
    try:
        process.ask(question, Kind.ACTIVATE, act.SerializeToString())
    except NotAskedError:
        raise ProcessEndedError("the run is replayed in another one") from None


def _completion(process: ProjectProcess, data: bytes) -> WorkflowActivationCompletion:
    """Return the completion; the SDK's core must not get what is none."""
    try:
        completion = WorkflowActivationCompletion.FromString(data)
    except DecodeError:
        completion = WorkflowActivationCompletion()
    commands = completion.successful.commands
    if completion.WhichOneof("status") is None or not all(each.WhichOneof("variant") for each in commands):
        why = "it sent what is no completion"
        process.end(why)
        raise ProcessEndedError(why)
    if len(commands) > MOST_COMMANDS:
        raise NotPermittedError(f"it does {len(commands)} things in one task; {MOST_COMMANDS} are possible")
    return completion


def _answer(process: ProjectProcess, question: Question) -> bytes:
    """Wait for a completion; kill a process whose code does not yield."""
    began, used = time.monotonic(), process.processor_seconds()
    while True:
        try:
            return question.answer.result(LOOK_SECONDS)
        except TimeoutError:
            pass
        waited = time.monotonic() - began
        is_spinning = process.processor_seconds() - used > SPINNING_SHARE * waited and not process.open_activities
        if is_spinning or waited > ACTIVATION_SECONDS:
            process.end(f"it did not yield within {waited:.0f} s")
