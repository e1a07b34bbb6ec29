"""A build whose code is in this process, with what its runs say caught for the project's log."""

from collections.abc import Collection
from typing import Any

import temporalio.workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from workerhost.code.capture.origin import Activating, Origin, run_origin
from workerhost.code.capture.said import Sink
from workerhost.code.capture.streams import finish_lines
from workerhost.code.executing.activity_call import RealActivity
from workerhost.code.loading import LoadedBuild
from workerhost.words import BuildId


class HeardBuild:
    """A build as it is, whose runs say where they come from. May be used from any thread.

    Args:
        build: loaded in this process.
        sink: takes what its runs say.
    """

    def __init__(self, build: LoadedBuild, sink: Sink) -> None:
        self._build = build
        self._sink = sink

    @property
    def id(self) -> BuildId:
        """The id of the build."""
        return self._build.id

    @property
    def workflow_types(self) -> Collection[str]:
        """The workflow types that it defines."""
        return self._build.workflow_types

    @property
    def activity_names(self) -> Collection[str]:
        """The names of the activities that it defines."""
        return self._build.activity_names

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on it."""
        return self._build.runs(workflow_type)

    def activity(self, name: str) -> RealActivity | None:
        """Return the activity of that name, or a dynamic one; None where it has neither."""
        return self._build.activity(name)

    def create_instance(self, details: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run of a type that it runs; the thread must not have an event loop.

        Raises:
            Exception: whatever the code of the build raises.
        """
        origin = run_origin(details.info, self.id, self._sink)
        return _HeardRun(self._build.create_instance(details), origin)


class _HeardRun(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance, origin: Origin) -> None:
        self._instance = instance
        self._origin = origin

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        with Activating(self._origin, act):
            completion = self._instance.activate(act)
        finish_lines(self._origin)
        return completion

    def get_info(self) -> temporalio.workflow.Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)
