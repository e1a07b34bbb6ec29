"""The code that is active in a project's tables or folder, which becomes its current build at a start or reload."""

import contextlib

from workerhost.code.build import make_build
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.errors import PublishConflictError
from workerhost.model import BuildSummary, Project, ProjectCode
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
            code = self._builder.load_code(project)
            summary = self._builder.checked(make_build(project.id, code))
            self._keep_triggers(project, code)
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

    def _keep_triggers(self, project: Project, code: ProjectCode) -> None:
        """Write down the triggers of drawings that stand in no table; a job sets them up soon."""
        drawn = {each.name: each.drawing.triggers for each in code.workflows if each.drawing is not None}
        is_stored = code.loader == DatabaseLoader.name
        self._store.triggers.keep_loaded(project.id, None if is_stored else drawn)
