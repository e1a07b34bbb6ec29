"""What workerhost remembers: projects, their code, builds, workers and hosts, in SQLite or PostgreSQL.

The statements of every start and look are module constants over columns: SQLAlchemy takes longer to make a statement,
or an entity of a row, than to send the one and to read the other.
"""

from workerhost.store.batches import BatchStore
from workerhost.store.builds import BuildStore
from workerhost.store.database import Database
from workerhost.store.deployments import DeploymentStore
from workerhost.store.hosts import HostRecord, HostStore
from workerhost.store.leases import Lease, LeaseStore, WantedProject
from workerhost.store.moves import MoveStore
from workerhost.store.projects import ProjectStore
from workerhost.store.ramps import RampStore
from workerhost.store.resets import ResetStore
from workerhost.store.statistics import ActivityFigures, StatisticsStore, WorkerTotals, WorkflowFigures
from workerhost.store.statistics_sums import StatisticsSums
from workerhost.store.triggers import TriggerStore
from workerhost.store.usage import UsageStore
from workerhost.store.variables import Variable, VariableStore
from workerhost.store.webhooks import Webhook, WebhookAuthentication, WebhookStore
from workerhost.store.workers import WorkerRecord, WorkerStore
from workerhost.store.workflows import StoredWorkflow, WorkflowStore

__all__ = [
    "ActivityFigures",
    "HostRecord",
    "Lease",
    "Store",
    "StoredWorkflow",
    "Variable",
    "WantedProject",
    "Webhook",
    "WebhookAuthentication",
    "WorkerRecord",
    "WorkerTotals",
    "WorkflowFigures",
]


class Store:
    """All queries of workerhost over one database. Safe to use from any thread; every call may block."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.database = Database(url, connections)
        self.projects = ProjectStore(self.database)
        self.workflows = WorkflowStore(self.database)
        self.builds = BuildStore(self.database)
        self.workers = WorkerStore(self.database)
        self.hosts = HostStore(self.database)
        self.leases = LeaseStore(self.database)
        self.deployments = DeploymentStore(self.database)
        self.ramps = RampStore(self.database)
        self.moves = MoveStore(self.database)
        self.resets = ResetStore(self.database)
        self.batches = BatchStore(self.database)
        self.webhooks = WebhookStore(self.database)
        self.variables = VariableStore(self.database)
        self.triggers = TriggerStore(self.database)
        self.statistics_sums = StatisticsSums(self.database)
        self.usage = UsageStore(self.database)
        self.statistics = StatisticsStore(self.database)

    def close(self) -> None:
        """Close all pooled connections; the store opens new ones when it is used again."""
        self.database.close()
