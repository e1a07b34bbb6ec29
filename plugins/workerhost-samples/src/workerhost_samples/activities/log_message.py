"""`logMessage`: a line in the project's log, on behalf of a workflow."""

import logging
from typing import Literal

from pydantic import JsonValue
from temporalio import activity

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
    """Add a line to the project's log: the message, with its data among the fields; the host knows where it is from."""
    extra = {} if request.data is None else {"data": request.data}
    _logger.log(_LEVELS[request.level], "%s", request.message, extra=extra)
