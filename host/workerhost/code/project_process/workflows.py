"""The runs of a project process: each is an instance in Temporal's sandbox."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import MetricMeter
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from workerhost.code.executing.contained import Contained
from workerhost.code.loading import LoadedBuild
from workerhost.code.project_process.builds import ProcessBuilds
from workerhost.code.project_process.setup import unpickled
from workerhost.words import BuildId


class WorkflowRuns:
    """Runs by id. Used from several threads, for one run by one at a time.

    Args:
        builds: that runs are on.
    """

    def __init__(self, builds: ProcessBuilds) -> None:
        self._builds = builds
        self._runs: dict[str, tuple[WorkflowInstance, LoadedBuild]] = {}

    def begin(self, build_id: BuildId, details: bytes, activation: bytes) -> bytes:
        """Make the instance of a run, and return its first completion.

        Raises:
            Exception: whatever the code of the build raises.
        """
        build = self._builds.get(build_id)
        act = WorkflowActivation.FromString(activation)
        with Contained():
            instance = build.create_instance(_with_functions(unpickled(details)))
            completion = instance.activate(act)
        self._runs[act.run_id] = instance, build
        return _serialized(completion)

    def activate(self, activation: bytes) -> bytes:
        """Have a run work on what is new for it, and return its completion.

        Raises:
            LookupError: there is no such run here.
            Exception: whatever the code of the build raises.
        """
        act = WorkflowActivation.FromString(activation)
        instance, _build = self._runs[act.run_id]
        with Contained():
            return _serialized(instance.activate(act))

    def evict(self, activation: bytes) -> None:
        """Have a run tear itself down; what its code says to that is nobody's business."""
        act = WorkflowActivation.FromString(activation)
        instance, _build = self._runs.pop(act.run_id, (None, None))
        if instance is not None:
            with contextlib.suppress(BaseException):
                instance.activate(act)


def _with_functions(details: WorkflowInstanceDetails) -> WorkflowInstanceDetails:
    """Return the details with what the SDK's worker would give a run; it is in the host and has no part here."""
    functions: dict[str, Callable[..., Any]] = {
        "__temporal_get_metric_meter": lambda: MetricMeter.noop,
        "__temporal_assert_local_activity_valid": lambda _name: None,
    }
    return dataclasses.replace(details, extern_functions={**details.extern_functions, **functions})


def _serialized(completion: WorkflowActivationCompletion) -> bytes:
    data: bytes = completion.SerializeToString()
    return data
