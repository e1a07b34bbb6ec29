"""A build that is ready to run, wherever its code is: in this process, or in the project's own."""

import weakref
from collections.abc import Collection
from typing import Protocol

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from workerhost.code.build import Build, stored_build
from workerhost.code.executing.activity_call import RealActivity
from workerhost.model import DYNAMIC, BuildSummary
from workerhost.runtime.processes.project_processes import ProjectProcesses
from workerhost.runtime.processes.remote_activity import RemoteActivity
from workerhost.runtime.processes.remote_run import RemoteRun
from workerhost.words import BuildId


class ProjectBuild(Protocol):
    """A build of a project, ready to run. May be used from any thread."""

    @property
    def id(self) -> BuildId:
        """The id of the build."""

    @property
    def workflow_types(self) -> Collection[str]:
        """The workflow types that it defines; a dynamic one is `DYNAMIC`."""

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on it."""

    def create_instance(self, details: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run of a type that it runs; the thread must not have an event loop.

        Raises:
            Exception: whatever the code of the build raises.
        """

    @property
    def activity_names(self) -> Collection[str]:
        """The names of the activities that it defines; a dynamic one is `DYNAMIC`."""

    def activity(self, name: str) -> RealActivity | None:
        """Return the activity of that name, or a dynamic one; None where it has neither."""


class RemoteBuild:
    """A build whose code is loaded by the project's processes when it is first used. Safe to use from any thread.

    They forget it when nothing refers to this object any more.

    Args:
        summary: of the build.
        processes: of its project.
    """

    def __init__(self, summary: BuildSummary, processes: ProjectProcesses) -> None:
        self._summary = summary
        self._build: Build = stored_build(summary)
        self._processes = processes
        weakref.finalize(self, processes.use(self._build)).atexit = False

    @property
    def id(self) -> BuildId:
        """The id of the build."""
        return self._summary.id

    @property
    def workflow_types(self) -> Collection[str]:
        """The workflow types that it defines."""
        return self._summary.workflow_types

    def runs(self, workflow_type: str) -> bool:
        """Tell whether executions of that type run on it."""
        return self._summary.runs(workflow_type)

    def create_instance(self, details: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return a run that a process works on."""
        return RemoteRun(self._processes, self._build, details)

    @property
    def activity_names(self) -> Collection[str]:
        """The names of the activities that it defines."""
        return self._summary.activity_names

    def activity(self, name: str) -> RealActivity | None:
        """Return an activity that a process runs."""
        names = self._summary.activity_names
        return RemoteActivity(self._processes, name, self._build, self) if name in names or DYNAMIC in names else None
