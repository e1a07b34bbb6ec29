"""Pins every run to the build that its history names: a workflow runner between the SDK and its sandbox.

A run's first activation says which build it belongs to: the one that it was moved to, else one that the history names
in a patch marker, else the one that a header names (its parent's, or that of a smoke run), else the one that the
deployment chooses. With the first completion goes that marker, so every replay, on any host, finds it again; each
activity and child that the run starts carries the build's id in a header.

The messages used here (`temporalio.bridge.proto`) are not promised to stay. Beside this module `chooser`,
`executions.replay` and what talks with project processes use them, and setup.cfg bounds the SDK's version.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Protocol

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import RemoveFromCache, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.common import RawValue
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from workerhost.code.executing.contained import Contained
from workerhost.runtime.builds.actions import ActionCount
from workerhost.runtime.builds.cache import BuildUnavailableError
from workerhost.runtime.builds.header import HEADER, make_header, read_header
from workerhost.runtime.builds.large_completions import refuse_large
from workerhost.runtime.builds.node_header import add_node_header
from workerhost.runtime.builds.ready_build import ProjectBuild
from workerhost.runtime.processes.remote_run import RemoteRun
from workerhost.words import BuildId

MARKER = "workerhost:"
"""What a patch marker of ours begins with; the build's id follows."""

_COMMANDS_WITH_HEADER: tuple[Any, ...] = (
    "schedule_activity",
    "schedule_local_activity",
    "start_child_workflow_execution",
)


@temporalio.workflow.defn(dynamic=True)
class AnyWorkflow:
    """Stands for every workflow type of a project; `BuildRunner` puts the build's own in its place."""

    @temporalio.workflow.run
    async def run(self, _args: Sequence[RawValue]) -> None:
        """Never run."""
        raise RuntimeError("this run was not given to its build")


class BuildChooser(Protocol):
    """Who says which build a run takes, and learns how that goes. Called on threads of the workflow task executor."""

    def build_of(self, info: temporalio.workflow.Info, recorded: BuildId | None) -> ProjectBuild:
        """Return the build of a run.

        Args:
            info: of the run.
            recorded: id of the build that its history names, if it does.

        Raises:
            BuildUnavailableError: it is not at hand; the workflow task fails and is tried again.
        """

    def after_task(
        self, run: "BuildInstance", completion: WorkflowActivationCompletion, activation: WorkflowActivation
    ) -> None:
        """Learn how an activation went."""

    def after_eviction(self, run: "BuildInstance", reason: RemoveFromCache) -> None:
        """Learn that the run is not cached any more."""


class BuildRunner(WorkflowRunner):
    """Makes an instance per run that chooses its build when it sees the history.

    Called on the project worker's event loop.
    """

    def __init__(self, chooser: BuildChooser) -> None:
        self._chooser = chooser

    def prepare_workflow(self, defn: Any) -> None:
        """Accept the placeholder; builds were prepared when they were checked."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance that waits for its first activation."""
        return BuildInstance(self._chooser, det)


class BuildInstance(WorkflowInstance):
    """One run. Activated by one at a time, on any thread."""

    def __init__(self, chooser: BuildChooser, details: WorkflowInstanceDetails) -> None:
        self._chooser = chooser
        self._details = details
        self._inner: WorkflowInstance | None = None
        self._is_begun = False
        self.actions = ActionCount()
        self.build: ProjectBuild | None = None
        """The build that the run is on here; held so that its modules stay for as long as the run is cached."""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Have the build's code work on what is new for the run, and wait for that."""
        removal = next((job.remove_from_cache for job in act.jobs if job.HasField("remove_from_cache")), None)
        if removal is not None:
            return self._leave_cache(act, removal)
        with self._telling_of_failure(act), Contained():
            inner = self._begun(act)
            completion = self._completed(act, inner.activate(act))
        self._chooser.after_task(self, completion, act)
        return completion

    def ask(
        self, act: WorkflowActivation, threads: Executor, *, may_block: bool
    ) -> "Future[WorkflowActivationCompletion] | None":
        """Have a project process work on what is new for the run; return the completion that will be there.

        Args:
            act: what is new.
            threads: for what would block whichever thread gets the answer.
            may_block: whether this call may wait; where it may not and would have to, nothing has been done.

        Returns:
            None where `activate` is to be called: no process works on this, or it may not block.
        """
        if any(job.HasField("remove_from_cache") for job in act.jobs) or not (self._inner or may_block):
            return None
        with self._telling_of_failure(act), Contained():
            inner = self._begun(act)
            asked = inner.ask(act, threads, may_block=may_block) if isinstance(inner, RemoteRun) else None
        if asked is None:
            return None
        outcome: Future[WorkflowActivationCompletion] = Future()
        outcome.set_running_or_notify_cancel()
        asked.add_done_callback(lambda answered: self._take(act, answered, outcome))
        return outcome

    def _take(
        self,
        act: WorkflowActivation,
        answered: "Future[WorkflowActivationCompletion]",
        outcome: "Future[WorkflowActivationCompletion]",
    ) -> None:
        """Hand a completion on, in the thread in which it is there."""
        try:
            with self._telling_of_failure(act):
                completion = self._completed(act, answered.result())
            self._chooser.after_task(self, completion, act)
        except BaseException as error:
            outcome.set_exception(error)
        else:
            outcome.set_result(completion)

    @contextlib.contextmanager
    def _telling_of_failure(self, act: WorkflowActivation) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # also the SDK's own, with which it interrupts code that never yields
            failed = WorkflowActivationCompletion()
            failed.failed.failure.message = str(error)
            failed.failed.failure.application_failure_info.type = type(error).__name__
            self._chooser.after_task(self, failed, act)
            raise

    def _begun(self, act: WorkflowActivation) -> WorkflowInstance:
        """Return the instance of the run's build, which its first activation chooses."""
        if self._inner is None:
            self.build = self._chooser.build_of(self._details.info, _recorded_build_id(act))
            self._inner = self._create_inner(self.build)
        return self._inner

    def _completed(
        self, act: WorkflowActivation, completion: WorkflowActivationCompletion
    ) -> WorkflowActivationCompletion:
        completion = self._with_headers(refuse_large(completion))
        if not self._is_begun:
            self._is_begun = True
            recorded = _recorded_build_id(act)
            # A replay whose history has no marker began without one, on a worker of another kind: none may be added.
            # One of a run that was moved keeps the marker that it has.
            if self.build is not None and (recorded or not act.is_replaying):
                _add_marker(completion, recorded or self.build.id)
        return completion

    def _leave_cache(self, act: WorkflowActivation, reason: RemoveFromCache) -> WorkflowActivationCompletion:
        self._chooser.after_eviction(self, reason)
        if self._inner is not None:
            return self._inner.activate(act)
        completion = WorkflowActivationCompletion()  # its first task failed before it had a build
        completion.successful.SetInParent()
        return completion

    def get_info(self) -> temporalio.workflow.Info:
        """Return what the SDK knows of the run."""
        return self._details.info

    def get_thread_id(self) -> int | None:
        """Return the thread that runs the workflow's code now, if one does."""
        return self._inner.get_thread_id() if self._inner else None

    def get_serialization_context(self, command_info: Any) -> Any:
        """Return what the SDK asks of the instance behind this one, which there may not be yet."""
        return self._inner.get_serialization_context(command_info) if self._inner else None

    def get_external_store_context(self, command_info: Any) -> Any:
        """Return what the SDK asks of the instance behind this one."""
        if self._inner is None:
            raise BuildUnavailableError("the run has no build yet")
        return self._inner.get_external_store_context(command_info)

    def _create_inner(self, build: ProjectBuild) -> WorkflowInstance:
        workflow_type = self._details.info.workflow_type
        if not build.runs(workflow_type):
            known = ", ".join(sorted(build.workflow_types))
            raise BuildUnavailableError(
                f"build {build.id} defines no workflow type {workflow_type}; it defines {known}. "
                "The run waits until a build that defines it is published"
            )
        try:
            return build.create_instance(self._details)
        except Exception as error:
            # Whatever the code raised, it must fail this task and not the run: ApplicationError would.
            raise BuildUnavailableError(f"build {build.id} does not load: {error}") from error

    def _with_headers(self, completion: WorkflowActivationCompletion) -> WorkflowActivationCompletion:
        if completion.HasField("successful"):
            for command in completion.successful.commands:
                add_node_header(command)
                for kind in _COMMANDS_WITH_HEADER:
                    if command.HasField(kind):
                        self._add_header(getattr(command, kind))
        return completion

    def _add_header(self, command: Any) -> None:
        # A local activity has no task queue; anything sent to another queue is another project's, with other builds.
        if getattr(command, "task_queue", "") in ("", self._details.info.task_queue):
            assert self.build is not None  # noqa: S101  for mypy
            command.headers[HEADER].CopyFrom(make_header(self.build.id))
        else:
            command.headers.pop(HEADER, None)


def _recorded_build_id(act: WorkflowActivation) -> BuildId | None:
    patches = (job.notify_has_patch.patch_id for job in act.jobs if job.HasField("notify_has_patch"))
    return next((BuildId(patch.removeprefix(MARKER)) for patch in patches if patch.startswith(MARKER)), None)


def _add_marker(completion: WorkflowActivationCompletion, build_id: BuildId) -> None:
    if not completion.HasField("successful"):
        return  # a failed task writes nothing, so the run takes whatever is current at its next try
    commands = list(completion.successful.commands)
    del completion.successful.commands[:]
    completion.successful.commands.add().set_patch_marker.patch_id = MARKER + build_id
    completion.successful.commands.extend(commands)


def recorded_build(history: WorkflowHistory) -> BuildId | None:
    """Return the id of the build that a history names, or None where the run has no build of ours yet."""
    for event in history.events:
        details = event.marker_recorded_event_attributes.details
        if event.marker_recorded_event_attributes.marker_name == "core_patch" and "patch-data" in details:
            patch = str(json.loads(details["patch-data"].payloads[0].data)["id"])
            if patch.startswith(MARKER):
                return BuildId(patch.removeprefix(MARKER))
    return None


def named_build(info: temporalio.workflow.Info) -> BuildId | None:
    """Return the id of the build that a run's header names, as its parent's or a smoke run's.

    A run that continues another one is new and follows the deployment.
    """
    header = info.headers.get(HEADER)
    return None if header is None or info.continued_run_id else read_header(header)
