"""What a project process says beside its answers: log lines and whatever it prints, down one pipe."""

import json
import logging
import sys
from typing import Any

import temporalio.activity
import temporalio.workflow

from workerhost.code.cutting import cut

LONGEST_TEXT = 4000
"""Characters of one line."""

SDK_LOGGERS = ("temporalio.activity", "temporalio.workflow")
"""Where the SDK writes what the code of projects logs, and how it fails."""

_KNOWN = ("temporal_activity", "temporal_workflow")


def configure(level: str) -> None:
    """Write log lines as JSON to standard error, which is the pipe to the host.

    Args:
        level: from which the SDK's loggers of projects write; others write from WARNING.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[_LineHandler(sys.stderr)], force=True)
    temporalio.activity.logger.activity_info_on_message = False  # the host writes what it needs of that
    temporalio.workflow.logger.workflow_info_on_message = False
    for name in SDK_LOGGERS:
        logging.getLogger(name).setLevel(level)


class _LineHandler(logging.StreamHandler[Any]):
    """Writes each record as a line of JSON. Used from any thread."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.addFilter(_is_not_said_by_the_host)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage() if error is None else f"{record.getMessage()}: {type(error).__name__}: {error}"
        line = {"level": record.levelno, "logger": record.name, "text": cut(text, LONGEST_TEXT)}
        return json.dumps(
            {**line, **{name: getattr(record, name) for name in _KNOWN if hasattr(record, name)}}, default=str
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Pass over a record that cannot be written: its own code failed, or the host is gone."""


def _is_not_said_by_the_host(record: logging.LogRecord) -> bool:
    """Tell whether the host says nothing of this itself, as it does of activities that fail."""
    return not hasattr(record, "__temporal_error_identifier")
