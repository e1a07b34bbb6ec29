"""`logMessage`: a line in the host's log, on behalf of a workflow."""

import json
import logging
from typing import Literal

from pydantic import JsonValue
from temporalio import activity

from workerhost import current_project_id
from workerhost_samples.camel_case import CamelCaseModel

Level = Literal["debug", "info", "warn", "error"]

_logger = logging.getLogger("workerhost_samples")
_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}


class LogInput(CamelCaseModel):
    """What to log, and how loud."""

    level: Level
    message: str
    data: JsonValue = None


@activity.defn(name="logMessage")
def log_message(request: LogInput) -> None:
    """Write one line of JSON to the log: the message, its data, project, workflow and run."""
    info = activity.info()
    line = {
        "message": request.message,
        "level": request.level,
        "data": request.data,
        "project": current_project_id(),
        "workflowId": info.workflow_id,
        "runId": info.workflow_run_id,
        "workflowType": info.workflow_type,
    }
    _logger.log(_LEVELS[request.level], "%s", json.dumps(line))
