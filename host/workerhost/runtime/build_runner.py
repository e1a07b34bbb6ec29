"""Pins every run to the build that its history names: a workflow runner between the SDK and its sandbox.

A run's first activation says which build it belongs to: one that the history names in a patch marker, else the one
that its parent named in a header, else the current one. With the first completion goes that marker, so every
replay, on any host, finds it again; each activity and child that the run starts carries the digest in a header.

The messages used here (`temporalio.bridge.proto`) and `asyncio._set_running_loop` are not promised to stay; this
module and `build_activities` are the only ones that use them, and setup.cfg bounds the SDK's version.
"""

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import temporalio.workflow
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import RawValue
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from workerhost.code.loading import LoadedBuild
from workerhost.runtime.build_library import BuildLibrary, BuildUnavailableError

MARKER = "workerhost:"
"""What a patch marker of ours begins with; the digest follows."""

HEADER = "workerhost-build"
"""Header of activities and child workflows that carries the digest as a JSON string."""

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


class BuildRunner(WorkflowRunner):
    """Makes an instance per run that chooses its build when it sees the history.

    Called on the project worker's event loop.
    """

    def __init__(self, library: BuildLibrary) -> None:
        self._library = library

    def prepare_workflow(self, defn: Any) -> None:
        """Accept the placeholder; builds were prepared when they were checked."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance that waits for its first activation."""
        return _BuildInstance(self._library, det)


class _BuildInstance(WorkflowInstance):
    """One run. Activated on threads of the workflow task executor, by one at a time."""

    def __init__(self, library: BuildLibrary, details: WorkflowInstanceDetails) -> None:
        self._library = library
        self._details = details
        self._inner: WorkflowInstance | None = None
        self._digest = ""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._inner is not None:
            return self._with_headers(self._inner.activate(act))
        if any(job.HasField("remove_from_cache") for job in act.jobs):  # its first task failed before it had a build
            completion = WorkflowActivationCompletion()
            completion.successful.SetInParent()
            return completion
        recorded = _recorded_digest(act)
        build = self._choose_build(recorded)
        self._inner, self._digest = self._create_inner(build), build.digest
        completion = self._with_headers(self._inner.activate(act))
        # A replay whose history has no marker began without one, on a worker of another kind: none may be added.
        if recorded or not act.is_replaying:
            _add_marker(completion, build.digest)
        return completion

    def get_info(self) -> temporalio.workflow.Info:
        return self._details.info

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id() if self._inner else None

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info) if self._inner else None

    def get_external_store_context(self, command_info: Any) -> Any:
        if self._inner is None:
            raise BuildUnavailableError("the run has no build yet")
        return self._inner.get_external_store_context(command_info)

    def _choose_build(self, recorded: str | None) -> LoadedBuild:
        if recorded:
            return self._library.get(recorded)
        workflow_type = self._details.info.workflow_type
        if inherited := self._inherited_digest():
            build = self._library.get(inherited)
            if build.definitions.workflow(workflow_type):
                return build
        current = self._library.current
        if current is None:
            raise BuildUnavailableError("the project has no current build yet; the task will be tried again")
        return current

    def _inherited_digest(self) -> str | None:
        """Return the parent's digest; a run that continues another one is new and takes the current build."""
        info = self._details.info
        header = info.headers.get(HEADER)
        if header is None or info.parent is None or info.continued_run_id:
            return None
        return read_header(header)

    def _create_inner(self, build: LoadedBuild) -> WorkflowInstance:
        workflow_type = self._details.info.workflow_type
        definition = build.definitions.workflow(workflow_type)
        if definition is None:
            known = ", ".join(sorted(build.definitions.workflows))
            raise BuildUnavailableError(
                f"build {build.digest} defines no workflow type {workflow_type}; it defines {known}. "
                "The run waits until a build that defines it is published"
            )
        details = dataclasses.replace(self._details, defn=definition)
        # The SDK's instance asks for the running loop, only to leave an attribute there; this thread has none.
        asyncio._set_running_loop(asyncio.AbstractEventLoop())  # type: ignore[abstract]  # noqa: SLF001
        try:
            return build.sandbox.create_instance(details)
        except Exception as error:
            # Whatever the code raised, it must fail this task and not the run: ApplicationError would.
            raise BuildUnavailableError(f"build {build.digest} does not load: {error}") from error
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001

    def _with_headers(self, completion: WorkflowActivationCompletion) -> WorkflowActivationCompletion:
        if completion.HasField("successful"):
            for command in completion.successful.commands:
                for kind in _COMMANDS_WITH_HEADER:
                    if command.HasField(kind):
                        self._add_header(getattr(command, kind))
        return completion

    def _add_header(self, command: Any) -> None:
        # A local activity has no task queue; anything sent to another queue is another project's, with other builds.
        if getattr(command, "task_queue", "") in ("", self._details.info.task_queue):
            command.headers[HEADER].CopyFrom(make_header(self._digest))


def _recorded_digest(act: WorkflowActivation) -> str | None:
    patches = (job.notify_has_patch.patch_id for job in act.jobs if job.HasField("notify_has_patch"))
    return next((patch.removeprefix(MARKER) for patch in patches if patch.startswith(MARKER)), None)


def _add_marker(completion: WorkflowActivationCompletion, digest: str) -> None:
    if not completion.HasField("successful"):
        return  # a failed task writes nothing, so the run takes whatever is current at its next try
    commands = list(completion.successful.commands)
    del completion.successful.commands[:]
    completion.successful.commands.add().set_patch_marker.patch_id = MARKER + digest
    completion.successful.commands.extend(commands)


def make_header(digest: str) -> Payload:
    """Return the header that names a build, as JSON, so that every tool can show it."""
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(digest).encode())


def read_header(header: Payload) -> str:
    """Return the digest in a header that `make_header` made."""
    return str(json.loads(header.data))
