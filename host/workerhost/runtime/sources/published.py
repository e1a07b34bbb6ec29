"""The code that was published: versions of workflows, builds, and what differs between two of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workerhost.code.further_modules import further_modules, own_sources
from workerhost.model import BuildSummary, Project
from workerhost.runtime.sources.differences import ModuleChange, compare
from workerhost.store import Store
from workerhost.store.workflows import StoredVersion
from workerhost.words import BuildId


@dataclass(frozen=True)
class BuildDifference:
    """What has changed from one build to another."""

    from_build: BuildId
    to_build: BuildId
    changes: list[ModuleChange]


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

    def compare_versions(self, project_id: str, name: str, old: str, new: str) -> list[ModuleChange]:
        """Return what has changed from one version of a workflow to another.

        Raises:
            NotFoundError: the project, the workflow or a version does not exist.
            BuildRefusedError: what a product has written in place of the modules of one is none.
        """
        first, second = (self._sources(project_id, name, version) for version in (old, new))
        return compare(first, second)

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
        return BuildDifference(first.id, second.id, compare(first.modules, second.modules))

    def _sources(self, project_id: str, name: str, version: str) -> Mapping[str, str]:
        code = self.version(project_id, name, version).code
        return {**own_sources(code), **code.modules}
