"""The runs of a project process: each is an instance in Temporal's sandbox."""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import MetricMeter
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from workerhost.code.capture.origin import Activating, Origin, run_origin
from workerhost.code.capture.streams import finish_lines
from workerhost.code.executing.contained import Contained
from workerhost.code.loading import LoadedBuild
from workerhost.code.project_process.builds import ProcessBuilds
from workerhost.code.project_process.setup import unpickled
from workerhost.words import BuildId


class _Run(NamedTuple):
    instance: WorkflowInstance
    build: LoadedBuild
    """Referred to for as long as the run is here."""
    origin: Origin
    """Of what its code says."""


class WorkflowRuns:
    """Runs by id. Used from several threads, for one run by one at a time.

    Args:
        builds: that runs are on.
    """

    def __init__(self, builds: ProcessBuilds) -> None:
        self._builds = builds
        self._runs: dict[str, _Run] = {}

    def begin(self, build_id: BuildId, details: bytes, activation: bytes) -> bytes:
        """Make the instance of a run, and return its first completion.

        Raises:
            Exception: whatever the code of the build raises.
        """
        build = self._builds.get(build_id)
        act = WorkflowActivation.FromString(activation)
        known: WorkflowInstanceDetails = unpickled(details)
        origin = run_origin(known.info, build_id)
        with Activating(origin, act), Contained():
            instance = build.create_instance(_with_functions(known))
            completion = instance.activate(act)
        finish_lines(origin)
        self._runs[act.run_id] = _Run(instance, build, origin)
        return _serialized(completion)

    def activate(self, activation: bytes) -> bytes:
        """Have a run work on what is new for it, and return its completion.

        Raises:
            LookupError: there is no such run here.
            Exception: whatever the code of the build raises.
        """
        act = WorkflowActivation.FromString(activation)
        run = self._runs[act.run_id]
        with Activating(run.origin, act), Contained():
            completion = run.instance.activate(act)
        finish_lines(run.origin)
        return _serialized(completion)

    def evict(self, activation: bytes) -> None:
        """Have a run tear itself down; what its code says to that is nobody's business."""
        act = WorkflowActivation.FromString(activation)
        run = self._runs.pop(act.run_id, None)
        if run is not None:
            with Activating(run.origin, act), contextlib.suppress(BaseException):
                run.instance.activate(act)


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
