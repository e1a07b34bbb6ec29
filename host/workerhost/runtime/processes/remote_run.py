"""One run whose code is in a project process."""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
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
from workerhost.runtime.processes.permissions import Deed, NotPermittedError, Permissions
from workerhost.runtime.processes.project_process import ProjectProcess
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.runtime.processes.questions import NotAskedError, ProcessEndedError, Question
from workerhost.words import RunId

MOST_COMMANDS = 50_000
"""Of one completion. A history has at most 51,200 events: https://docs.temporal.io/workflow-execution/limits"""


class RemoteRun(WorkflowInstance):
    """Hands activations to the process. Activated by one at a time, on any thread.

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
        """Have the process work on what is new for the run, and wait for that.

        Raises:
            NotReadyYetError: there is no process yet.
            ProcessEndedError: the process has died.
            NoAnswerError: it says why there is no completion.
            NotPermittedError: the workflow does what its project may not.
            TemporalUnavailableError: it cannot be found out whether it may.
        """
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            return self._leave(act)
        asked = self.ask(act, None, may_block=True)
        assert asked is not None  # noqa: S101  for mypy: it may block
        return asked.result()

    def ask(
        self, act: WorkflowActivation, threads: Executor | None, *, may_block: bool
    ) -> "Future[WorkflowActivationCompletion] | None":
        """Have the process work on what is new for the run; return the completion that will be there.

        It has the exceptions that `activate` raises.

        Args:
            act: what is new; not that the run leaves the cache.
            threads: where to ask Temporal what may be asked of it; None for whichever thread gets the answer.
            may_block: whether this call may wait, for a process and until that reads.

        Returns:
            None where it may not wait and would have to; nothing has been done then.

        Raises:
            NotReadyYetError: there is no process yet.
            ProcessEndedError: the process has died.
            NoAnswerError: the build does not load there.
        """
        question = Question(f"workflow {self._details.info.workflow_type}", is_activation=True)
        if self._process is None:
            if not may_block:
                return None
            details = pickled(transferable(self._details))
            run_id = RunId(self._details.info.run_id)
            self._process = self._processes.begin(run_id, self._build, question, details, act.SerializeToString())
        elif not _ask(self._process, question, act, may_block=may_block):
            return None
        # Of a replay, too: what a workflow does there and has not done before goes to the server all the same.
        completed = _Completed(self._process, self._processes.permissions, threads)
        question.answer.add_done_callback(completed.take)
        return completed.future

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


class _Completed:
    """Makes a completion of an answer, in the thread that reads it, or where it may be looked at for long."""

    def __init__(self, process: ProjectProcess, permissions: Permissions | None, threads: Executor | None) -> None:
        self.future: Future[WorkflowActivationCompletion] = Future()
        self.future.set_running_or_notify_cancel()
        self._process = process
        self._permissions = permissions
        self._threads = threads

    def take(self, answer: "Future[bytes]") -> None:
        """Make the completion, or the exception that there is in its place."""
        try:
            completion = _completion(self._process, answer.result())
            deeds = self._permissions.check_queues(completion) if self._permissions else []
            if deeds and self._threads is not None:
                self._threads.submit(self._look, completion, deeds)
                return
        except Exception as error:
            self.future.set_exception(error)
            return
        self._look(completion, deeds)

    def _look(self, completion: WorkflowActivationCompletion, deeds: Sequence[Deed]) -> None:
        try:
            if deeds and self._permissions is not None:
                self._permissions.check_runs(deeds)
        except Exception as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(completion)


def _ask(process: ProjectProcess, question: Question, act: WorkflowActivation, *, may_block: bool) -> bool:
    """Ask the process; tell whether it was, which it is not where that would block and may not."""
    data = act.SerializeToString()
    try:
        if not may_block:
            return process.ask_at_once(question, Kind.ACTIVATE, data) is not None
        process.ask(question, Kind.ACTIVATE, data)
    except NotAskedError:
        raise ProcessEndedError("the run is replayed in another one") from None
    return True


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
