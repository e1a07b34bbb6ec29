"""The code loader `database`: the active versions in the tables."""

from workerhost.hookspecs import hookimpl
from workerhost.model import Project, ProjectCode
from workerhost.store import Store


class DatabaseLoader:
    """Answers for every project that has workflows in the tables. Safe to use from any thread; a call blocks."""

    name = "database"

    def __init__(self, store: Store) -> None:
        self._store = store

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        """Return the active code of the project's workflows."""
        workflows = self._store.workflows.active_code(project.id)
        return ProjectCode(workflows, self.name) if workflows else None
