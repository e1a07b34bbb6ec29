"""Publishing: a version of a workflow is checked, stored and made active, and all hosts take it."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from workerhost.code.build import make_build
from workerhost.code.loading import LoadedBuild
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.errors import BuildOutdatedError, ConflictError, NotConfirmedError, NotFoundError
from workerhost.model import BuildSummary, Project, ProjectCode, WorkflowCode
from workerhost.runtime.builder import Builder
from workerhost.runtime.control import Control
from workerhost.runtime.host import Host
from workerhost.store import Store
from workerhost.store.workflows import workflow_not_found

_again_where_outdated = retry(
    retry=retry_if_exception_type(BuildOutdatedError),
    stop=stop_after_attempt(20),
    wait=wait_random(max=0.2),
    reraise=True,
)


@dataclass(frozen=True)
class Published:
    """What a publish stored."""

    project_id: str
    name: str
    version: str | None
    build_id: str | None


class Publisher:
    """Changes the code of projects. Safe to use from any thread; every call may block.

    Publishing is one at a time for each project, so that two never mix their workflows: by a lock in this process,
    and among hosts by the build that a publish was made for, which must still be current when it is stored.

    Args:
        store: where code and builds are.
        builder: makes and checks builds.
        host: of this process.
        control: waits for the other hosts.
        timeout: seconds that the hosts have to take a build.
    """

    def __init__(self, store: Store, builder: Builder, host: Host, control: Control, timeout: float) -> None:
        self._store = store
        self._builder = builder
        self._host = host
        self._control = control
        self._timeout = timeout
        self._publishing: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @_again_where_outdated
    def publish(self, project_id: str, code: WorkflowCode) -> Published:
        """Store a version of a workflow and make it active; new runs take it when this returns.

        Raises:
            NotFoundError: there is no such project.
            ConflictError: the version exists with other code, or the project's code is not from the database.
            BuildRefusedError: the project does not load with it; nothing is stored.
            NotConfirmedError: it is stored, and a host has not taken it in time.
        """
        with self._publishing[project_id]:
            project = self._store.projects.get(project_id)
            self._store.workflows.refuse_other_code(project_id, code)
            summary, loaded = self._candidate(project, code.name, code)
            self._store.workflows.publish(code, summary, project.current_build)
            self._go_live(project, loaded)
            return Published(project_id, code.name, code.version, summary.digest)

    def activate(self, project_id: str, name: str, version: str) -> Published:
        """Make an earlier version active again.

        Raises:
            NotFoundError: there is no such project, workflow or version.
            BuildRefusedError: the project does not load with it; nothing is changed.
            NotConfirmedError: it is active, and a host has not taken it in time.
        """
        self._store.projects.get(project_id)
        code = self._store.workflows.code(project_id, name, version)
        if code is None:
            if not self._store.workflows.exists(project_id, name):
                raise workflow_not_found(project_id, name)
            raise NotFoundError(f"workflow {name} has no version {version}", code="version_not_found")
        return self.publish(project_id, code)

    @_again_where_outdated
    def remove_workflow(self, project_id: str, name: str) -> Published:
        """Delete a workflow; the build without it becomes current, and its open runs end on theirs.

        Raises:
            NotFoundError: there is no such project or workflow.
            BuildRefusedError: what is left does not load without it; nothing is changed.
            NotConfirmedError: it is deleted, and a host has not taken the build without it in time.
        """
        with self._publishing[project_id]:
            project = self._store.projects.get(project_id)
            if not self._store.workflows.exists(project_id, name):
                raise workflow_not_found(project_id, name)
            if all(code.name == name for code in self._active(project)):
                self._store.workflows.remove(project_id, name, None, project.current_build)
                return Published(project_id, name, None, None)
            summary, loaded = self._candidate(project, name, None)
            self._store.workflows.remove(project_id, name, summary, project.current_build)
            self._go_live(project, loaded)
            return Published(project_id, name, None, summary.digest)

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

    def _go_live(self, project: Project, loaded: LoadedBuild) -> None:
        worker = self._host.worker(project.id)
        if worker is not None:
            worker.library.keep(loaded)
        if not self._control.confirm(project, loaded.digest, self._timeout):
            raise NotConfirmedError(
                f"the code of project {project.id} is stored and active, but a host has not taken it within "
                f"{self._timeout:g} s; it will, and the same call tells when"
            )
