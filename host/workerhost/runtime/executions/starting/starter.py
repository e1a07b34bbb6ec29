"""Starting executions of a project, of types that its builds define."""

from collections.abc import Iterable, Sequence
from typing import Any

from workerhost.errors import NotFoundError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.executions.starting.message import Message, Started
from workerhost.runtime.executions.starting.start_options import ExecutionStart, StartOptions
from workerhost.runtime.executions.starting.starts import Starts
from workerhost.runtime.executions.starting.with_message import MessageStarts
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.store import Store
from workerhost.words import BuildId, RunId, WorkflowId


class ExecutionStarter:
    """Starts executions. Safe to use from any thread; every call may block.

    Args:
        store: where projects and builds are.
        active_code: makes the build of a project that has none yet.
        starts: starts executions of any type.
        message_starts: the same, for starts that come with a signal or an update.
        checker: refuses arguments that do not fit.
    """

    def __init__(
        self,
        store: Store,
        active_code: ActiveCode,
        starts: Starts,
        message_starts: MessageStarts,
        checker: ArgumentChecker,
    ) -> None:
        self._store = store
        self._active_code = active_code
        self._starts = starts
        self._message_starts = message_starts
        self._checker = checker

    def start(  # noqa: PLR0913  all of it says what is started
        self,
        project_id: str,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        options: StartOptions = StartOptions(),  # noqa: B008  it cannot be changed
        *,
        checked: bool = True,
    ) -> tuple[WorkflowId, RunId]:
        """Start an execution on the project's task queue and return its workflow id and run id.

        Args:
            project_id: of the project.
            workflow_type: what to run.
            args: its arguments.
            workflow_id: names the execution.
            options: how it is to be started.
            checked: whether the arguments must fit each build that the run may take and that has the type.

        Raises:
            NotFoundError: there is no such project or workflow type.
            InvalidArgumentsError: the arguments do not fit; nothing is started.
            ConflictError: an execution of that id runs.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self.check(project_id, workflow_type, args, options, checked=checked)
        return self._starts.start(project, workflow_type, args, workflow_id, options)

    def check(
        self,
        project_id: str,
        workflow_type: str,
        args: Sequence[Any],
        options: StartOptions = StartOptions(),  # noqa: B008  it cannot be changed
        *,
        checked: bool = True,
    ) -> Project:
        """Check that new runs can be of a workflow type and take these arguments, and return the project.

        Args:
            project_id: of the project.
            workflow_type: what is to run, now or at some time.
            args: its arguments.
            options: how it is to be started.
            checked: whether the arguments must fit what the code takes.

        Raises:
            NotFoundError: there is no such project or workflow type.
            InvalidArgumentsError: the arguments do not fit.
        """
        project = self._store.projects.get(project_id)
        builds = self.builds_of_new_runs(project)
        refuse_unknown_type(project_id, builds, workflow_type)
        if checked:
            ids = [options.build] if options.build else [build.id for build in builds]
            self._checker.check_start(project, ids, workflow_type, args)
        return project

    def start_with_message(  # noqa: PLR0913, PLR0917  all of it says what is started
        self,
        project_id: str,
        workflow_type: str,
        args: Sequence[Any],
        workflow_id: WorkflowId,
        message: Message,
        options: StartOptions = StartOptions(),  # noqa: B008  it cannot be changed
        *,
        checked: bool = True,
    ) -> Started:
        """Send a signal or an update to the execution of that id, and start the execution first where none runs.

        Args:
            project_id: of the project.
            workflow_type: what to run.
            args: its arguments.
            workflow_id: names the execution.
            message: what it is sent.
            options: how it is to be started.
            checked: whether the arguments of both must fit what the code takes.

        Raises:
            NotFoundError: there is no such project, workflow type, signal or update.
            InvalidArgumentsError: the arguments do not fit.
            ConflictError: an execution of that id runs and is another project's, or must not run; or no worker is there
                for an update.
            RefusedByCodeError: the code refuses the update.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self.check(project_id, workflow_type, args, options, checked=checked)
        wanted = ExecutionStart(workflow_type, args, options=options)
        return self._message_starts.start(project, workflow_id, wanted, message, checked=checked)

    def retry(
        self, project_id: str, workflow_id: WorkflowId, new_id: WorkflowId | None, *, checked: bool = True
    ) -> tuple[WorkflowId, RunId]:
        """Start an execution with the type, the arguments and the memo of an earlier one, on the current build.

        Args:
            project_id: of the project.
            workflow_id: of the earlier one, of which the latest run counts.
            new_id: names the new one; the earlier one's id where it is None.
            checked: whether the arguments must fit the current build.

        Raises:
            NotFoundError: there is no such project, execution, or workflow type any more.
            InvalidArgumentsError: the arguments do not fit the current build; nothing is started.
            ConflictError: an execution of that id runs.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        begun = self._starts.beginning(project, workflow_id)
        options = StartOptions(memo=begun.memo, build=project.deployment.current)
        new_id = new_id or workflow_id
        return self.start(project_id, begun.workflow_type, begun.args, new_id, options, checked=checked)

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
