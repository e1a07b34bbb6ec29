"""From a project to a build that may run: its loader's code, laid out, checked once."""

from collections.abc import Sequence
from dataclasses import replace

from workerhost.code.build import Build
from workerhost.code.checker import BuildChecker
from workerhost.code.requirements import required_plugins
from workerhost.drawing import Compilation, DrawnWorkflow
from workerhost.errors import BuildRefusedError, ConflictError, WorkerhostError
from workerhost.model import BuildSummary, Problem, Project, ProjectCode, WorkflowCode
from workerhost.plugins import PluginError, Plugins
from workerhost.runtime.drawings.compiler import DrawingCompiler
from workerhost.store import Store


class Builder:
    """Finds the code of projects and checks builds of it. Safe to use from any thread; every call may block.

    Args:
        store: where builds that passed are kept by id.
        plugins: code loaders and checks.
        checker: runs the built-in checks.
        compiler: makes code of drawings.
    """

    def __init__(self, store: Store, plugins: Plugins, checker: BuildChecker, compiler: DrawingCompiler) -> None:
        self._store = store
        self._plugins = plugins
        self._checker = checker
        self._compiler = compiler

    def find_code(self, project: Project) -> ProjectCode | None:
        """Return the project's active code from the first loader that knows it, or None where none does.

        Raises:
            WorkerhostError: a loader failed.
            DrawingRefusedError: a drawing among it has problems.
        """
        try:
            code = self._plugins.load_code(project)
        except PluginError as error:
            raise WorkerhostError(f"the code of project {project.id} cannot be loaded: {error}") from error
        if code is None or not code.drawings:
            return code
        drawn = self._compiler.codes(project, [*code.workflows, *code.drawings], lambda: ())
        return ProjectCode(tuple(sorted(drawn, key=lambda each: each.name)), code.loader)

    def compile(self, project: Project, drawn: DrawnWorkflow) -> Compilation:
        """Return what comes of a drawing, which is not stored.

        Raises:
            WorkerhostError: see `DrawingCompiler.compile`.
        """
        return self._compiler.compile(project, drawn, lambda: self._others(project, [drawn]))

    def codes(self, project: Project, workflows: Sequence[WorkflowCode | DrawnWorkflow]) -> tuple[WorkflowCode, ...]:
        """Return the code of workflows that are to be published, of which some may be drawn.

        Raises:
            WorkerhostError: see `DrawingCompiler.codes`.
        """
        return self._compiler.codes(project, workflows, lambda: self._others(project, workflows))

    def _others(self, project: Project, workflows: Sequence[WorkflowCode | DrawnWorkflow]) -> Sequence[WorkflowCode]:
        code, names = self.find_code(project), {each.name for each in workflows}
        return [each for each in code.workflows if each.name not in names] if code else ()

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
