"""What the control API asks of a host: intent goes to the database first, then it waits to see it happen."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workerhost.code.build import make_build
from workerhost.code.loading import LoadedBuild
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.errors import (
    ConflictError,
    NotFoundError,
    TemporalUnavailableError,
    WorkerFailedError,
    WorkerhostError,
)
from workerhost.model import BuildSummary, Project, ProjectCode, WorkflowCode
from workerhost.runtime.builder import Builder
from workerhost.runtime.executions import Executions
from workerhost.runtime.host import Host
from workerhost.runtime.project_worker import ProjectWorker, WorkerState
from workerhost.store import Store
from workerhost.store.workflows import workflow_not_found


@dataclass(frozen=True)
class Published:
    """What a publish stored."""

    project_id: str
    name: str
    version: str | None
    build_id: str | None


class Control:
    """Commands on projects. Safe to use from any thread; every call may block, for at most its timeout.

    For each project, publishing is one at a time, so that two publishes never mix their workflows; and so is
    writing what it should be and telling the host, so that both agree on which of two commands was the last.
    """

    def __init__(self, store: Store, builder: Builder, host: Host, executions: Executions) -> None:
        self._store = store
        self._builder = builder
        self._host = host
        self._executions = executions
        self._publishing: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._commanding: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def start(self, project_id: str, timeout: float) -> WorkerState:
        """Have the project run its active code, and wait until its worker polls.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: it has no workflows.
            BuildRefusedError: its code must not run; the desired state stays as it was.
            WorkerFailedError: the worker could not start.
        """
        with self._publishing[project_id]:
            build = self._prepared(project_id)
            with self._commanding[project_id]:
                worker = self._host.ensure_started(self._want_running(project_id), build)
        return _polling(worker, timeout)

    def stop(self, project_id: str, timeout: float) -> WorkerState:
        """Have the project not run, and wait until its worker has drained.

        Raises:
            NotFoundError: there is no such project.
        """
        with self._commanding[project_id]:
            self._store.projects.set_desired_state(project_id, "stopped")
            worker = self._host.ensure_stopped(project_id)
        return worker.wait_for("stopped", timeout=timeout) if worker else WorkerState("stopped")

    def restart(self, project_id: str, timeout: float) -> WorkerState:
        """Give the project a new worker on its active code; the old one drains once the new one polls.

        Raises:
            NotFoundError, ConflictError, BuildRefusedError, WorkerFailedError: as `start`; the old worker goes on.
        """
        with self._publishing[project_id]:
            build = self._prepared(project_id)
            with self._commanding[project_id]:
                worker = self._host.replace(self._want_running(project_id), build)
        return _polling(worker, timeout)

    def status(self, project_id: str) -> tuple[Project, ProjectWorker | None]:
        """Return the project and its worker, if it has one.

        Raises:
            NotFoundError: there is no such project.
        """
        return self._store.projects.get(project_id), self._host.worker(project_id)

    def publish(self, project_id: str, code: WorkflowCode) -> Published:
        """Store a version of a workflow and make it active; new runs take it when this returns.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: the version exists with other code, or the project's code is not from the database.
            BuildRefusedError: the project does not load with it; nothing is stored.
        """
        with self._publishing[project_id]:
            project = self._store.projects.get(project_id)
            self._store.workflows.refuse_other_code(project_id, code)
            summary, loaded = self._candidate(project, code.name, code)
            self._store.workflows.publish(code, summary)
            self._go_live(project_id, loaded)
            return Published(project_id, code.name, code.version, summary.digest)

    def activate(self, project_id: str, name: str, version: str) -> Published:
        """Make an earlier version active again.

        Raises:
            NotFoundError: there is no such project, workflow or version.
            BuildRefusedError: the project does not load with it; nothing is changed.
        """
        self._store.projects.get(project_id)
        code = self._store.workflows.code(project_id, name, version)
        if code is None:
            if not self._store.workflows.exists(project_id, name):
                raise workflow_not_found(project_id, name)
            raise NotFoundError(f"workflow {name} has no version {version}", code="version_not_found")
        return self.publish(project_id, code)

    def remove_workflow(self, project_id: str, name: str) -> Published:
        """Delete a workflow; the build without it becomes current, and its open runs end on theirs.

        Raises:
            NotFoundError: there is no such project or workflow.
            BuildRefusedError: what is left does not load without it; nothing is changed.
        """
        with self._publishing[project_id]:
            project = self._store.projects.get(project_id)
            if not self._store.workflows.exists(project_id, name):
                raise workflow_not_found(project_id, name)
            if all(code.name == name for code in self._active(project)):
                self._store.workflows.remove(project_id, name, None)
                return Published(project_id, name, None, None)
            summary, loaded = self._candidate(project, name, None)
            self._store.workflows.remove(project_id, name, summary)
            self._go_live(project_id, loaded)
            return Published(project_id, name, None, summary.digest)

    def reload(self, workflow_id: str, timeout: float) -> str:
        """Have the workflow's project run the code that is active in the tables; return the project's id.

        Raises:
            NotFoundError: there is no such workflow.
            ConflictError, BuildRefusedError, WorkerFailedError: as `start`.
        """
        project_id = self._store.workflows.project_of(workflow_id)
        state = self.start(project_id, timeout)
        if state.status != "running":
            raise TemporalUnavailableError(f"the worker of project {project_id} is {state.status}: {state.error}")
        return project_id

    def delete_project(self, project_id: str, timeout: float) -> None:
        """Stop the project's worker and delete everything that is stored of the project.

        Raises:
            NotFoundError: there is no such project.
        """
        self.stop(project_id, timeout)
        self._store.projects.delete(project_id)

    def execute(self, project_id: str, workflow_type: str, args: Sequence[Any], workflow_id: str) -> tuple[str, str]:
        """Start an execution on the project's task queue and return its workflow id and run id.

        Raises:
            NotFoundError: there is no such project or workflow type.
            ConflictError: an execution of that id runs.
            TemporalUnavailableError: Temporal does not answer.
        """
        project = self._store.projects.get(project_id)
        summary = self._current_build(project)
        if not summary.runs(workflow_type):
            known = ", ".join(summary.workflow_types)
            raise NotFoundError(
                f"project {project_id} has no workflow type {workflow_type}; it has: {known}",
                code="workflow_type_not_found",
            )
        return self._executions.start(project, workflow_type, args, workflow_id)

    def _prepared(self, project_id: str) -> LoadedBuild:
        summary = self._builder.current(self._store.projects.get(project_id))
        worker = self._host.worker(project_id)
        loaded = worker.library.loaded(summary.digest) if worker else None
        return loaded or self._builder.load(summary)

    def _want_running(self, project_id: str) -> Project:
        project = self._store.projects.get(project_id)
        if project.desired_state == "running":  # most starts are repeated ones, and need not write
            return project
        return self._store.projects.set_desired_state(project_id, "running")

    def _current_build(self, project: Project) -> BuildSummary:
        known = self._store.builds.get(project.id, project.current_build) if project.current_build else None
        return known or self._builder.current(project)

    def _candidate(self, project: Project, name: str, code: WorkflowCode | None) -> tuple[BuildSummary, LoadedBuild]:
        """Return the project's build with `code` in place of the workflow's active code, checked and loaded."""
        others = [each for each in self._active(project) if each.name != name]
        workflows = sorted([*others, *([code] if code else [])], key=lambda each: each.name)
        candidate = ProjectCode(tuple(workflows), DatabaseLoader.name)
        summary = self._builder.checked(make_build(project.id, candidate))
        return summary, self._builder.load(summary)

    def _active(self, project: Project) -> Sequence[WorkflowCode]:
        code = self._builder.find_code(project)
        if code is not None and code.loader != DatabaseLoader.name:
            raise ConflictError(
                f"the code of project {project.id} comes from the code loader {code.loader}; change it there",
                code="code_not_in_database",
            )
        return code.workflows if code else ()

    def _go_live(self, project_id: str, loaded: LoadedBuild) -> None:
        worker = self._host.worker(project_id)
        if worker is not None:
            worker.library.publish(loaded)
            worker.retry()


def _polling(worker: ProjectWorker, timeout: float) -> WorkerState:
    state = worker.wait_for("running", "failed", "stopped", timeout=timeout)
    if state.status == "failed":
        raise state.error if isinstance(state.error, WorkerhostError) else WorkerFailedError(str(state.error))
    return state
