"""What a host writes to its log: one line for each thing, of workerhost, of projects and of Temporal's SDK alike."""

import logging

from workerhost.cli.output import on_one_line
from workerhost.model import PROJECT_ID
from workerhost.settings import Settings

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

PROJECT_LOGGERS = ("temporalio.activity", "temporalio.workflow")
"""Where the SDK writes what the code of projects logs, and how it fails."""


def configure_logging(settings: Settings) -> None:
    """Write log lines to standard error: workerhost's and those of projects from the level that is set, others from
    WARNING.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(LINE, shows_traces=settings.log_level == "DEBUG"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is late is run once, which needs no word
    for name in ("workerhost", *PROJECT_LOGGERS):
        logging.getLogger(name).setLevel(settings.log_level)


class LineFormatter(logging.Formatter):
    """Keeps each message on one line; those of projects with where they come from. Used from any thread.

    Args:
        line: the format of a line.
        shows_traces: whether a traceback of a project's code follows its line.
    """

    def __init__(self, line: str, *, shows_traces: bool) -> None:
        super().__init__(line)
        self._shows_traces = shows_traces

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line. A traceback of workerhost's own code follows it."""
        shown = logging.makeLogRecord(vars(record))
        if not record.name.startswith("temporalio"):
            shown.msg, shown.args = on_one_line(record.getMessage()), ()
            return super().format(shown)
        shown.msg, shown.args = on_one_line(f"{_message(record)}{_place(record)}"), ()
        if not self._shows_traces:
            shown.exc_info = shown.exc_text = None
        return super().format(shown)


def _message(record: logging.LogRecord) -> str:
    """Return the message, with what failed where the record has an exception."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return record.getMessage()
    what = record.getMessage()
    if getattr(record, "__temporal_error_identifier", None) == "ActivityFailure":
        what = "the activity failed"
    if getattr(error, "type", None):  # an error of the SDK's that stands for another one, and names it itself
        return f"{what}: {error}"
    return f"{what}: {type(error).__name__}: {error}".removesuffix(": ")


def _place(record: logging.LogRecord) -> str:
    """Return in which run of which project the record was made, where that is known."""
    found = getattr(record, "temporal_activity", None) or getattr(record, "temporal_workflow", None)
    if not isinstance(found, dict):
        return ""
    parts = [f"project {PROJECT_ID.get()}" if PROJECT_ID.get() else f"task queue {found.get('task_queue')}"]
    parts += [f"{word} {found[key]}" for key, word in _WORDS.items() if key in found]
    return f" [{', '.join(parts)}]"


_WORDS = {"workflow_type": "workflow", "workflow_id": "id", "activity_type": "activity", "attempt": "attempt"}
