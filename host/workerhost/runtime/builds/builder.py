"""From a project to a build that may run: its loader's code, laid out, checked once."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from workerhost.code.build import Build, make_build, stored_build
from workerhost.code.checker import BuildChecker
from workerhost.code.loading import LoadedBuild, load_build
from workerhost.code.requirements import required_plugins
from workerhost.errors import BuildRefusedError, ConflictError, PublishConflictError, WorkerhostError
from workerhost.model import BuildSummary, Deployment, Problem, Project, ProjectCode
from workerhost.plugins import PluginError, Plugins
from workerhost.store import Store
from workerhost.store.deployments import DeploymentChange
from workerhost.words import BuildId, DeploymentEventKind, RunId


class Builder:
    """Makes, checks and loads builds. Safe to use from any thread; every call may block.

    Args:
        store: where builds that passed are kept by id.
        plugins: code loaders and checks.
        checker: runs the built-in checks.
        passthrough: packages that Temporal's sandbox takes from this process.
    """

    def __init__(self, store: Store, plugins: Plugins, checker: BuildChecker, passthrough: Sequence[str]) -> None:
        self._store = store
        self._plugins = plugins
        self._checker = checker
        self._passthrough = passthrough

    def find_code(self, project: Project) -> ProjectCode | None:
        """Return the project's active code from the first loader that knows it, or None where none does.

        Raises:
            WorkerhostError: a loader failed.
        """
        try:
            return self._plugins.load_code(project)
        except PluginError as error:
            raise WorkerhostError(f"the code of project {project.id} cannot be loaded: {error}") from error

    def load_code(self, project: Project) -> ProjectCode:
        """Return the active code of the project.

        Raises:
            ConflictError: the project has no workflows.
            WorkerhostError: a loader failed.
        """
        code = self.find_code(project)
        if code is None or not code.workflows:
            raise ConflictError(
                f"project {project.id} has no workflows; "
                f"store one with PUT /projects/{project.id}/workflows/<name> first",
                code="no_workflows",
            )
        return code

    def current(self, project: Project) -> BuildSummary:
        """Return the checked build of the project's active code, after making it the current one where it is not.

        Raises:
            ConflictError: the project has no workflows.
            BuildRefusedError: its code must not run.
        """
        while True:
            summary = self.checked(make_build(project.id, self.load_code(project)))
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

    def checked(self, build: Build) -> BuildSummary:
        """Return what the build defines; one that is stored has passed already.

        Raises:
            BuildRefusedError: it must not run.
        """
        known = self._store.builds.get(build.project_id, build.id)
        if known is not None:
            return replace(known, versions=build.versions)
        found = self._checker.check(build)
        needed = required_plugins(found.modules, found.activity_names, self._plugins.reports())
        summary = replace(found, required_plugins=needed)
        problems: list[Problem] = []
        try:
            for problem in self._plugins.check_build(summary):
                problems.append(problem)  # noqa: PERF402  those found before a plugin fails must be kept
        except PluginError as error:
            problems.append(Problem(str(error)))
        if problems:
            raise BuildRefusedError(tuple(problems))
        return summary

    def load(self, summary: BuildSummary) -> LoadedBuild:
        """Import a checked build into this process.

        Raises:
            BuildRefusedError: it passed its checks and does not load here all the same.
        """
        return load_build(stored_build(summary), self._passthrough)

    def fetch(self, project_id: str, build_id: BuildId) -> LoadedBuild | None:
        """Load a stored build by its id, or return None where there is none."""
        summary = self._store.builds.get(project_id, build_id)
        return None if summary is None else self.load(summary)

    def deployment(self, project_id: str) -> tuple[Deployment, dict[RunId, BuildId]]:
        """Return the project's deployment, and the builds of the runs that were moved.

        Raises:
            NotFoundError: there is no such project.
        """
        return self._store.deployments.get(project_id)

    def return_run(self, project_id: str, run_id: RunId, reason: str) -> None:
        """Write that a moved run goes back to the build that its history names."""
        self._store.moves.return_run(project_id, run_id, reason)
