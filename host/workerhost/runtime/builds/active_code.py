"""The code that is active in a project's tables or folder, which becomes its current build at a start or reload."""

import contextlib

from workerhost.code.build import make_build
from workerhost.errors import PublishConflictError
from workerhost.model import BuildSummary, Project
from workerhost.runtime.builds.builder import Builder
from workerhost.store import Store
from workerhost.store.deployments import DeploymentChange
from workerhost.words import DeploymentEventKind


class ActiveCode:
    """Deploys active code. Safe to use from any thread; every call may block.

    Args:
        store: where deployments are.
        builder: makes and checks builds.
    """

    def __init__(self, store: Store, builder: Builder) -> None:
        self._store = store
        self._builder = builder

    def deploy(self, project: Project) -> BuildSummary:
        """Make the build of the project's active code its current one, where it is not, and return that build.

        Raises:
            ConflictError: the project has no workflows.
            BuildRefusedError: its code must not run.
        """
        while True:
            summary = self._builder.checked(make_build(project.id, self._builder.load_code(project)))
            if project.current_build == summary.id:
                return summary
            change = DeploymentChange(
                project.id,
                expected=project.deployment,
                current=summary.id,
                ramp=project.deployment.ramp,
                kind=DeploymentEventKind.PUBLISHED,
                message="the project's active code was taken over at a start or reload",
                build=summary,
            )
            with contextlib.suppress(PublishConflictError):
                self._store.deployments.change(change)
                return summary
            project = self._store.projects.get(project.id)  # another call has changed it meanwhile
