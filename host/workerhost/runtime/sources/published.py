"""The code that was published: versions of workflows, builds, and what differs between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workerhost.code.further_modules import further_modules, own_sources
from workerhost.model import BuildSummary, Project, WorkflowCode
from workerhost.runtime.sources.differences import ModuleChange, compare
from workerhost.runtime.sources.drawn_nodes import DrawnCode, NodeChange, compare_nodes
from workerhost.store import Store
from workerhost.store.workflows import StoredVersion
from workerhost.words import BuildId


@dataclass(frozen=True)
class BuildDifference:
    """What has changed from one build to another."""

    from_build: BuildId
    to_build: BuildId
    changes: list[ModuleChange]
    nodes: list[NodeChange] | None
    """Of the workflows that were drawn in both builds; None where there is none."""


@dataclass(frozen=True)
class VersionDifference:
    """What has changed from one version of a workflow to another."""

    changes: list[ModuleChange]
    nodes: list[NodeChange] | None
    """None where one of the two was not drawn."""


class PublishedCode:
    """Reads code that was published. Safe to use from any thread; every call may block.

    Args:
        store: where it is.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def version(self, project_id: str, name: str, version: str) -> StoredVersion:
        """Return one version of a workflow's code.

        Raises:
            NotFoundError: the project, the workflow or the version does not exist.
            BuildRefusedError: what a product has written in place of its modules is none.
        """
        found = self._store.workflows.version(project_id, name, version)
        further_modules(found.code)
        return found

    def compare_versions(self, project_id: str, name: str, old: str, new: str) -> VersionDifference:
        """Return what has changed from one version of a workflow to another.

        Raises:
            NotFoundError: the project, the workflow or a version does not exist.
            BuildRefusedError: what a product has written in place of the modules of one is none.
        """
        first, second = (self.version(project_id, name, version).code for version in (old, new))
        drawn = [
            DrawnCode(name, each.workflow_code, each.drawing.map)
            for each in (first, second)
            if each.drawing is not None
        ]
        return VersionDifference(
            compare(_sources(first), _sources(second)), compare_nodes(*drawn) if len(drawn) == 2 else None
        )

    def build(self, project_id: str, build: BuildId) -> tuple[Project, BuildSummary]:
        """Return a project, and a build of it that is stored; `current` names the one that new runs take.

        Raises:
            NotFoundError: the project does not exist, or has no such build any more.
        """
        project = self._store.projects.get(project_id)
        return project, self._store.builds.named(project, build)

    def compare_builds(self, project_id: str, old: BuildId, new: BuildId) -> BuildDifference:
        """Return what has changed from one build to another; either may be named as `current`.

        Raises:
            NotFoundError: the project does not exist, or has no such build any more.
        """
        project = self._store.projects.get(project_id)
        first, second = (self._store.builds.named(project, build) for build in (old, new))
        before, after = (self._drawn(project_id, build) for build in (first, second))
        both = [name for name in after if name in before]
        nodes = [change for name in both for change in compare_nodes(before[name], after[name])]
        return BuildDifference(first.id, second.id, compare(first.modules, second.modules), nodes if both else None)

    def _drawn(self, project_id: str, build: BuildSummary) -> Mapping[str, DrawnCode]:
        """Return the code of the workflows of a build that were drawn, by their names."""
        found = {}
        for name, version in sorted(build.versions.items()):
            code = self._store.workflows.code(project_id, name, version)
            if code is not None and code.drawing is not None:
                found[name] = DrawnCode(name, code.workflow_code, code.drawing.map)
        return found


def _sources(code: WorkflowCode) -> Mapping[str, str]:
    return {**own_sources(code), **code.modules}
