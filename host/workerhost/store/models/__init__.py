"""The tables, as classes. Names and columns are a contract with products that write code rows themselves."""

from workerhost.store.models.base import Base, ForeignJson, Prose, UtcDateTime
from workerhost.store.models.deployments import (
    BatchRow,
    BuildMoveRow,
    DeploymentEventRow,
    MovedRunRow,
    RampOutcomeRow,
    ResetRow,
)
from workerhost.store.models.hosts import HostRow, WorkerRow
from workerhost.store.models.projects import (
    BuildRow,
    CompiledCodeRow,
    ProjectRow,
    WebhookRow,
    WorkflowRow,
)
from workerhost.store.models.statistics import ActivityStatisticsRow, WorkerTotalsRow, WorkflowStatisticsRow
from workerhost.store.models.triggers import WorkflowTriggerRow
from workerhost.store.models.usage import ProjectUsageRow
from workerhost.store.models.variables import VariableChangeRow, VariableRow

__all__ = [
    "ActivityStatisticsRow",
    "Base",
    "BatchRow",
    "BuildMoveRow",
    "BuildRow",
    "CompiledCodeRow",
    "DeploymentEventRow",
    "ForeignJson",
    "HostRow",
    "MovedRunRow",
    "ProjectRow",
    "ProjectUsageRow",
    "Prose",
    "RampOutcomeRow",
    "ResetRow",
    "UtcDateTime",
    "VariableChangeRow",
    "VariableRow",
    "WebhookRow",
    "WorkerRow",
    "WorkerTotalsRow",
    "WorkflowRow",
    "WorkflowStatisticsRow",
    "WorkflowTriggerRow",
]
