"""Records of Python's logging, as lines."""

import logging
import sys

from workerhost.code.capture.fields import bounded_fields
from workerhost.code.capture.origin import Origin
from workerhost.code.capture.said import Said, shortened
from workerhost.code.capture.traces import error_text, is_project_file, trace_of
from workerhost.code.loading import host_passthrough
from workerhost.service_log.tenants import FAILURE_MARK, SDK_LOGGERS

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "temporal_activity",
    "temporal_workflow",
    FAILURE_MARK,
}


def said_of(record: logging.LogRecord, origin: Origin | None) -> Said:
    """Return a record as a line; its arguments may be code of a project, which may fail."""
    try:
        text = record.getMessage()
    except Exception as failed:
        text = f"{_text_of(record.msg)} (its arguments cannot be put in: {error_text(failed)})"
    fields = {name: value for name, value in vars(record).items() if name not in _OWN}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        text = f"{text}: {error_text(error)}"
        if trace := trace_of(error):
            fields["trace"] = trace
    message, missing = shortened(text)
    return Said(record.created, record.levelno, message, record.name, origin, bounded_fields(fields), missing)


def _text_of(message: object) -> str:
    try:
        return str(message)
    except Exception:
        return f"a message of the type {type(message).__name__}"


def own_packages(passthrough: tuple[str, ...]) -> frozenset[str]:
    """Return which of the packages that all code shares are plugins'."""
    return frozenset(passthrough).difference(host_passthrough(()))


class ProjectLoggers:
    """Tells what of a process's log records is the project's own. Safe to use from any thread.

    What libraries log is taken from WARNING on. A logger is a library's where its name begins with that of a module
    that is loaded, unless a plugin brought that; what is logged in a file of the project is its own under any name.

    Args:
        passthrough: packages that Temporal's sandbox takes from the process, those of plugins among them, whose
            activities log for the project.
    """

    def __init__(self, passthrough: tuple[str, ...]) -> None:
        self._own = own_packages(passthrough)
        self._known: dict[str, bool] = {}

    def is_taken(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is a line of the project's log."""
        if hasattr(record, FAILURE_MARK):  # the host says it, once, and with what it knows
            return False
        if record.levelno >= logging.WARNING or record.name in SDK_LOGGERS or is_project_file(record.pathname):
            return True
        top = record.name.partition(".")[0]
        known = self._known.get(top)
        if known is None:
            if len(self._known) > 1000:
                self._known.clear()
            known = self._known[top] = top in self._own or top not in sys.modules
        return known
