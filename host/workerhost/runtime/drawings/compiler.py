"""From drawings to the code of workflows, by the compilers that plugins bring."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workerhost.code.checker import BuildChecker
from workerhost.code.schemas.types import BuildTypes
from workerhost.drawing import Compilation, CompiledDrawing, DrawingProblem, DrawnWorkflow
from workerhost.errors import DrawingRefusedError, UnknownFormatError, WorkerhostError
from workerhost.model import Project, WorkflowCode
from workerhost.plugins import PluginError, Plugins
from workerhost.runtime.catalogue import CatalogueEntry
from workerhost.runtime.drawings.context import Surroundings, SurroundingsFinder, Workflow
from workerhost.runtime.drawings.sent_types import SentTypes
from workerhost.runtime.types.build_types import TypesOfBuilds
from workerhost.words import CURRENT


@dataclass(frozen=True)
class DrawingCompiler:
    """Compiles drawings. Safe to use from any thread; every call may block.

    Args:
        plugins: the compilers.
        surroundings: finds what they may know of a project.
    """

    plugins: Plugins
    surroundings: SurroundingsFinder

    def compile(
        self, project: Project, drawn: DrawnWorkflow, others: Callable[[], Sequence[WorkflowCode]]
    ) -> Compilation:
        """Return what comes of one drawing; with problems in it, where it is refused.

        Args:
            project: whose drawing it is.
            drawn: the drawing.
            others: returns the project's other workflows.

        Raises:
            UnknownFormatError: no compiler knows the format.
            BuildRefusedError: the code that is sent with the drawing does not load.
            WorkerhostError: the compiler failed.
        """
        return self._compile(self.surroundings.find(project, [drawn], others), drawn)

    def codes(
        self, project: Project, workflows: Sequence[Workflow], others: Callable[[], Sequence[WorkflowCode]]
    ) -> tuple[WorkflowCode, ...]:
        """Return the code of all workflows of a call, in its order; those that are code already stay as they are.

        Args:
            project: whose workflows they are.
            workflows: of the call.
            others: returns the project's other workflows.

        Raises:
            DrawingRefusedError: drawings have problems; all of them are named.
            UnknownFormatError: no compiler knows the format of a drawing.
            BuildRefusedError: the code that is sent with the drawings does not load.
            WorkerhostError: a compiler failed.
        """
        drawings = [each for each in workflows if isinstance(each, DrawnWorkflow)]
        if not drawings:
            return tuple(each for each in workflows if isinstance(each, WorkflowCode))
        surroundings = self.surroundings.find(project, workflows, others)
        made = {each.name: self._compile(surroundings, each) for each in drawings}
        problems = {name: each.problems for name, each in made.items() if each.problems}
        if problems:
            raise DrawingRefusedError(problems)
        return tuple(each if isinstance(each, WorkflowCode) else code_of(each, made[each.name]) for each in workflows)

    def _compile(self, surroundings: Surroundings, drawn: DrawnWorkflow) -> Compilation:
        drawing = drawn.drawing
        try:
            found = self.plugins.compile(drawing.format, drawing.document, surroundings.of(drawn.name))
        except PluginError as error:
            raise WorkerhostError(f"the drawing of workflow {drawn.name} cannot be compiled: {error}") from error
        if found is None:
            raise UnknownFormatError(drawing.format)
        problems = [*found.problems, *_collisions(drawn, found)]
        return Compilation(found.compiler, problems=problems, warnings=found.warnings) if problems else found


def make_compiler(
    plugins: Plugins, catalogue: Mapping[str, CatalogueEntry], types: TypesOfBuilds, checker: BuildChecker
) -> DrawingCompiler:
    """Return the compiler of a host.

    Args:
        plugins: bring compilers.
        catalogue: the activities of plugins.
        types: of the builds of projects.
        checker: loads code in a sealed process.
    """

    def current(project: Project) -> BuildTypes:
        found = types.of_build(project, CURRENT)
        return found.types if found else BuildTypes()

    return DrawingCompiler(plugins, SurroundingsFinder(catalogue, current, SentTypes(checker)))


def code_of(drawn: DrawnWorkflow, made: Compilation) -> WorkflowCode:
    """Return the code of a drawing, with what was sent beside it and with the drawing itself."""
    activities = drawn.activities_code if made.activities_code is None else made.activities_code
    kept = CompiledDrawing(drawn.drawing, made.compiler, tuple(made.map), tuple(made.warnings), tuple(made.triggers))
    modules: Mapping[str, str] = {**drawn.modules, **made.modules}
    return WorkflowCode(drawn.name, drawn.version, made.workflow_code, activities, modules, kept)


def _collisions(drawn: DrawnWorkflow, made: Compilation) -> list[DrawingProblem]:
    """Return what the compiler brings and the call as well, so that neither can stay as it is."""
    found = []
    if made.activities_code is not None and drawn.activities_code is not None:
        reason = "the compiler brings a module activities for this drawing; send yours as a further module"
        found.append(DrawingProblem(reason))
    doubles = sorted(made.modules.keys() & drawn.modules.keys())
    return [
        *found,
        *(DrawingProblem(f"the compiler brings a module {name} for this drawing; rename yours") for name in doubles),
    ]
