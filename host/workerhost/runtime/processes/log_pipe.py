"""What a project process logs and prints, as lines of the host's log."""

import json
import logging
from contextvars import copy_context
from typing import Any

from workerhost.code.cutting import cut
from workerhost.code.project_process.logs import LONGEST_TEXT, SDK_LOGGERS
from workerhost.model import PROJECT_ID

log = logging.getLogger("workerhost.project")

LONGEST_LINE = 4 * LONGEST_TEXT
"""Bytes of a line; what is longer is cut into several."""

_DETAILS = ("temporal_activity", "temporal_workflow")


class LogPipe:
    """Makes log lines of what came down the pipe. Belongs to the thread that reads.

    Args:
        project_id: whose lines they are, whatever they say themselves.
    """

    def __init__(self, project_id: str) -> None:
        self._project_id = project_id
        self._received = b""

    def feed(self, data: bytes) -> None:
        """Take what was received, and log the lines that are whole by now."""
        *lines, self._received = (self._received + data).split(b"\n")
        if len(self._received) > LONGEST_LINE:
            lines.append(self._received)
            self._received = b""
        for line in lines:
            if line.strip():
                self._log(line[:LONGEST_LINE].decode("utf-8", "replace"))

    def close(self) -> None:
        """Log what came last, if it did not end its line."""
        self.feed(b"\n")

    def _log(self, line: str) -> None:
        found = _record(line)
        if found is None:
            log.info("project %s: %s", self._project_id, line)
            return
        is_of_sdk = found.get("logger") in SDK_LOGGERS
        logger = logging.getLogger(found["logger"]) if is_of_sdk else log
        if logger.isEnabledFor(found["level"]):
            record = logger.makeRecord(logger.name, found["level"], "", 0, found["text"], (), None)
            details = {name: found[name] for name in _DETAILS if is_of_sdk and isinstance(found.get(name), dict)}
            if not any(details.values()):  # which would have the project's name written beside them
                record.msg = f"project {self._project_id}: {record.msg}"
            vars(record).update(details)
            copy_context().run(self._handle, logger, record)

    def _handle(self, logger: logging.Logger, record: logging.LogRecord) -> None:
        PROJECT_ID.set(self._project_id)
        logger.handle(record)


def _record(line: str) -> dict[str, Any] | None:
    """Return what a log handler of ours wrote; None for what was printed. Code of the project may write either."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        return None
    level = found.get("level")
    found["level"] = level if isinstance(level, int) and level in (10, 20, 30, 40, 50) else logging.INFO
    found["text"] = cut(found["text"], LONGEST_TEXT)
    return found
