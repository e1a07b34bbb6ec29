"""What workerhost remembers: projects, their code, builds, workers and hosts, in SQLite or PostgreSQL."""

from workerhost.store.builds import BuildStore
from workerhost.store.database import Database
from workerhost.store.hosts import HostRecord, HostStore
from workerhost.store.projects import ProjectStore
from workerhost.store.workers import WorkerRecord, WorkerStore
from workerhost.store.workflows import StoredWorkflow, WorkflowStore

__all__ = ["HostRecord", "Store", "StoredWorkflow", "WorkerRecord"]


class Store:
    """All queries of workerhost over one database. Safe to use from any thread; every call may block."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.projects = ProjectStore(self.database)
        self.workflows = WorkflowStore(self.database)
        self.builds = BuildStore(self.database)
        self.workers = WorkerStore(self.database)
        self.hosts = HostStore(self.database)

    def close(self) -> None:
        """Close all pooled connections; the store opens new ones when it is used again."""
        self.database.close()
