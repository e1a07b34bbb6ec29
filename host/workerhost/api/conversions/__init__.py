"""From the values of the runtime and the store to the answers of the API."""

from workerhost.api.conversions.batches import batch_details, batch_info
from workerhost.api.conversions.deployments import build_change_result, deployment_info
from workerhost.api.conversions.drawings import compile_result
from workerhost.api.conversions.errors import error_info
from workerhost.api.conversions.executions import execution_details, execution_info, update_result
from workerhost.api.conversions.installation import activity_info, host_info, plugin_info
from workerhost.api.conversions.logs import log_line_info
from workerhost.api.conversions.moves import build_move_info, move_result
from workerhost.api.conversions.projects import pause_info, project_info, workflow_info
from workerhost.api.conversions.publishing import (
    publish_list_result,
    publish_result,
    replay_check_result,
    workflow_deletion_result,
)
from workerhost.api.conversions.schedules import schedule_info
from workerhost.api.conversions.sources import difference_info, stored_build_info, version_info
from workerhost.api.conversions.statistics import statistics_report
from workerhost.api.conversions.steps import node_list, step_info
from workerhost.api.conversions.types import own_activity_info, plugin_activity_info, workflow_type_info
from workerhost.api.conversions.usage import project_usage, usage_of_project
from workerhost.api.conversions.variables import variable_info
from workerhost.api.conversions.webhooks import webhook_info
from workerhost.api.conversions.workers import worker_info

__all__ = [
    "activity_info",
    "batch_details",
    "batch_info",
    "build_change_result",
    "build_move_info",
    "compile_result",
    "deployment_info",
    "difference_info",
    "error_info",
    "execution_details",
    "execution_info",
    "host_info",
    "log_line_info",
    "move_result",
    "node_list",
    "own_activity_info",
    "pause_info",
    "plugin_activity_info",
    "plugin_info",
    "project_info",
    "project_usage",
    "publish_list_result",
    "publish_result",
    "replay_check_result",
    "schedule_info",
    "statistics_report",
    "step_info",
    "stored_build_info",
    "update_result",
    "usage_of_project",
    "variable_info",
    "version_info",
    "webhook_info",
    "worker_info",
    "workflow_deletion_result",
    "workflow_info",
    "workflow_type_info",
]
