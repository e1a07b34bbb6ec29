"""What a compiler is told of the project that a drawing is for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workerhost.code.build import package_name
from workerhost.code.schemas.making import ArgumentsSchema, Schema
from workerhost.code.schemas.types import ActivityType, BuildTypes
from workerhost.drawing import CompileContext, DrawnWorkflow, KnownActivity
from workerhost.model import DYNAMIC, Project, WorkflowCode
from workerhost.runtime.catalogue import CatalogueEntry
from workerhost.runtime.drawings.sent_types import SentTypes

Workflow = WorkflowCode | DrawnWorkflow


@dataclass(frozen=True)
class Surroundings:
    """What all drawings of one call may know of their project."""

    project: Project
    activities: Mapping[str, KnownActivity]
    workflow_types: Sequence[str]

    def of(self, workflow: str) -> CompileContext:
        """Return the context of the drawing that becomes a workflow of that name."""
        return CompileContext(
            self.project.id,
            workflow,
            settings=self.project.settings,
            activities=self.activities,
            workflow_types=[each for each in self.workflow_types if each != workflow],
        )


class SurroundingsFinder:
    """Finds what drawings may know of their project. Safe to use from any thread; every call may block.

    Args:
        catalogue: the activities of plugins.
        current: returns what the current build of a project defines; nothing where it has none.
        sent: finds what code defines that is sent with drawings.
    """

    def __init__(
        self, catalogue: Mapping[str, CatalogueEntry], current: Callable[[Project], BuildTypes], sent: SentTypes
    ) -> None:
        self._catalogue = catalogue
        self._current = current
        self._sent = sent

    def find(
        self, project: Project, sent: Sequence[Workflow], others: Callable[[], Sequence[WorkflowCode]]
    ) -> Surroundings:
        """Return what the drawings of one call may know.

        Of the project's own activities and workflow types, those count that the call brings, and those of the current
        build that no workflow of the call takes the place of.

        Args:
            project: whose drawings they are.
            sent: all workflows of the call, drawn or not.
            others: returns the project's other workflows; asked for where code is sent.

        Raises:
            BuildRefusedError: the code that is sent with the drawings does not load.
        """
        has_code = any(isinstance(each, WorkflowCode) or each.activities_code or each.modules for each in sent)
        brought = self._sent.find(project.id, sent, others()) if has_code else BuildTypes()
        current = self._current(project)
        replaced = {package_name(each.name) for each in sent}
        kept = [each for each in current.activities if each.folder not in replaced]
        own = {each.name: _own(each) for each in [*kept, *brought.activities] if each.name != DYNAMIC}
        types = {
            *(each.name for each in current.workflows if each.folder not in replaced),
            *(each.name for each in brought.workflows),
            *(each.name for each in sent if isinstance(each, DrawnWorkflow)),
        }
        # An activity of the project's own takes the place of a plugin's.
        return Surroundings(project, {**self._of_plugins(), **own}, sorted(types - {DYNAMIC}))

    def _of_plugins(self) -> dict[str, KnownActivity]:
        entries = sorted(self._catalogue.items())
        return {
            name: KnownActivity(name, _of_one(each.arguments), dict(each.output_schema), each.plugin)
            for name, each in entries
        }


def _own(activity: ActivityType) -> KnownActivity:
    return KnownActivity(activity.name, _of_one(activity.arguments), activity.result)


def _of_one(arguments: ArgumentsSchema) -> Schema | None:
    """Return the schema of the only argument; None where there are several, none, or any number."""
    return arguments.schema if arguments.most == 1 and not arguments.is_array else None
