"""Starting executions of a project, of types that its builds define."""

from collections.abc import Iterable, Sequence
from typing import Any

from workerhost.errors import NotFoundError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.start_options import StartOptions
from workerhost.store import Store
from workerhost.words import BuildId, RunId, WorkflowId


class ExecutionStarter:
    """Starts executions. Safe to use from any thread; every call may block.

    Args:
        store: where projects and builds are.
        active_code: makes the build of a project that has none yet.
        executions: starts executions of any type.
    """

    def __init__(self, store: Store, active_code: ActiveCode, executions: Executions) -> None:
        self._store = store
        self._active_code = active_code
        self._executions = executions

    def start(
        self,
        project_id: str,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        options: StartOptions = StartOptions(),  # noqa: B008  it cannot be changed
    ) -> tuple[WorkflowId, RunId]:
        """Start an execution on the project's task queue and return its workflow id and run id.

        Args:
            project_id: of the project.
            workflow_type: what to run.
            args: its arguments.
            workflow_id: names the execution.
            options: how it is to be started.

        Raises:
            NotFoundError: there is no such project or workflow type.
            ConflictError: an execution of that id runs.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        refuse_unknown_type(project_id, self.builds_of_new_runs(project), workflow_type)
        return self._executions.start(project, workflow_type, args, workflow_id, options)

    def retry(self, project_id: str, workflow_id: WorkflowId, new_id: WorkflowId | None) -> tuple[WorkflowId, RunId]:
        """Start an execution with the type, the arguments and the memo of an earlier one, on the current build.

        Args:
            project_id: of the project.
            workflow_id: of the earlier one, of which the latest run counts.
            new_id: names the new one; the earlier one's id where it is None.

        Raises:
            NotFoundError: there is no such project, execution, or workflow type any more.
            ConflictError: an execution of that id runs.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        begun = self._executions.beginning(project, workflow_id)
        options = StartOptions(memo=begun.memo, build=project.deployment.current)
        return self.start(project_id, begun.workflow_type, begun.args, new_id or workflow_id, options)

    def builds_of_new_runs(self, project: Project) -> list[BuildSummary]:
        """Return the builds that new runs of the project take; one is made where there is none yet.

        Raises:
            ConflictError: the project has no code.
            BuildRefusedError: its code does not load.
        """
        return self._stored(project, project.deployment.builds) or self._stored(
            project, [self._active_code.deploy(project).id]
        )

    def _stored(self, project: Project, build_ids: Iterable[BuildId]) -> list[BuildSummary]:
        return [build for build_id in build_ids if (build := self._store.builds.get(project.id, build_id))]


def refuse_unknown_type(project_id: str, builds: Iterable[BuildSummary], workflow_type: str) -> None:
    """Raise `NotFoundError` where none of the builds defines a workflow type."""
    builds = list(builds)
    if not any(build.runs(workflow_type) for build in builds):
        known = ", ".join(sorted({name for build in builds for name in build.workflow_types}))
        raise NotFoundError(
            f"project {project_id} has no workflow type {workflow_type}; it has: {known}",
            code="workflow_type_not_found",
        )
