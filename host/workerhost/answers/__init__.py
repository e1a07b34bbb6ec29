"""The answers of the control API as values. `workerhost.api` writes them and `workerhost.client` reads them.

`…Info` is a resource as the API shows it, `…Result` is what a command did, `…List` and `…Page` hold several resources.
"""

from workerhost.answers.base import Answer, CommandResult, ErrorInfo
from workerhost.answers.deployments import (
    BuildChangeResult,
    BuildInfo,
    DeploymentEventInfo,
    DeploymentInfo,
    RampInfo,
    RampOutcomesInfo,
    VisibilityInfo,
)
from workerhost.answers.executions import (
    ExecuteResult,
    ExecutionCounts,
    ExecutionInfo,
    ExecutionPage,
    FailureInfo,
    GroupCountInfo,
    ParentInfo,
    QueryResult,
    StuckInfo,
    UpdateResult,
)
from workerhost.answers.installation import (
    ActivityInfo,
    ActivityList,
    ApiDocument,
    HealthInfo,
    HostInfo,
    HostList,
    PluginInfo,
    PluginList,
    ReadinessInfo,
)
from workerhost.answers.moves import BuildMoveInfo, DivergedRunInfo, HistoryEventInfo, MoveResult
from workerhost.answers.projects import ProjectInfo, ProjectList, ReloadResult, WorkflowInfo, WorkflowList
from workerhost.answers.publishing import (
    DeployResult,
    PublishedVersionInfo,
    PublishResult,
    ReplayCheckResult,
    ReplayCountsInfo,
    SmokeInfo,
    TypeReplayInfo,
    WorkflowDeletionResult,
)
from workerhost.answers.steps import HistoryPage, StepInfo, StepPage
from workerhost.answers.webhooks import WebhookAuthenticationInfo, WebhookInfo, WebhookList, WebhookResult
from workerhost.answers.workers import ReplicasInfo, WorkerCommandResult, WorkerInfo, WorkerList

__all__ = [
    "ActivityInfo",
    "ActivityList",
    "Answer",
    "ApiDocument",
    "BuildChangeResult",
    "BuildInfo",
    "BuildMoveInfo",
    "CommandResult",
    "DeployResult",
    "DeploymentEventInfo",
    "DeploymentInfo",
    "DivergedRunInfo",
    "ErrorInfo",
    "ExecuteResult",
    "ExecutionCounts",
    "ExecutionInfo",
    "ExecutionPage",
    "FailureInfo",
    "GroupCountInfo",
    "HealthInfo",
    "HistoryEventInfo",
    "HistoryPage",
    "HostInfo",
    "HostList",
    "MoveResult",
    "ParentInfo",
    "PluginInfo",
    "PluginList",
    "ProjectInfo",
    "ProjectList",
    "PublishResult",
    "PublishedVersionInfo",
    "QueryResult",
    "RampInfo",
    "RampOutcomesInfo",
    "ReadinessInfo",
    "ReloadResult",
    "ReplayCheckResult",
    "ReplayCountsInfo",
    "ReplicasInfo",
    "SmokeInfo",
    "StepInfo",
    "StepPage",
    "StuckInfo",
    "TypeReplayInfo",
    "UpdateResult",
    "VisibilityInfo",
    "WebhookAuthenticationInfo",
    "WebhookInfo",
    "WebhookList",
    "WebhookResult",
    "WorkerCommandResult",
    "WorkerInfo",
    "WorkerList",
    "WorkflowDeletionResult",
    "WorkflowInfo",
    "WorkflowList",
]
