"""What a project process says beside its answers: what its code logs and prints, as lines down one pipe to the host."""

import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

import temporalio.activity
import temporalio.workflow

from workerhost.code.capture.origin import current_origin, is_silent
from workerhost.code.capture.records import ProjectLoggers, said_of
from workerhost.code.capture.said import Said
from workerhost.code.capture.streams import LineStream
from workerhost.code.project_process.line_pipe import LinePipe
from workerhost.code.project_process.setup import Setup
from workerhost.observed import SEVERITIES


def configure(setup: Setup) -> None:
    """Send what is logged, printed and warned of to the host, each line as a whole and with where it comes from.

    Args:
        setup: of the process; its level is that from which lines are sent.
    """
    pipe, level = LinePipe(), SEVERITIES[setup.log_level]
    handler = _Handler(pipe.send, ProjectLoggers(setup.passthrough), level)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    temporalio.activity.logger.activity_info_on_message = False  # each line has that beside its message
    temporalio.activity.logger.activity_info_on_extra = False
    temporalio.workflow.logger.workflow_info_on_message = False
    temporalio.workflow.logger.workflow_info_on_extra = False
    sys.stdout = _stream(sys.stdout, logging.INFO, pipe, level)
    sys.stderr = _stream(sys.stderr, logging.WARNING, pipe, level)
    warnings.showwarning = _show_warning
    threading.excepthook = _log_end_of_thread
    sys.unraisablehook = _log_unraisable
    os.register_at_fork(after_in_child=lambda: _renew_locks(pipe))


class _Handler(logging.Handler):
    """Sends each record that is the project's. Used from any thread."""

    def __init__(self, send: Callable[[Said], None], loggers: ProjectLoggers, level: int) -> None:
        super().__init__(level)
        self._send = send
        self._loggers = loggers

    def handle(self, record: logging.LogRecord) -> bool:
        """Take a record without a lock: a workflow that logs must not wait for an activity whose line waits."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record, unless a replay says again what was said before."""
        try:
            if self._loggers.is_taken(record) and not is_silent():
                self._send(said_of(record, current_origin()))
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Pass over a record that cannot be sent: its own code failed."""


def _stream(beneath: TextIO, level: int, pipe: LinePipe, least: int) -> Any:
    say = pipe.send if level >= least else lambda _said: None
    return LineStream(beneath, level, say, takes_all=True)


def _renew_locks(pipe: LinePipe) -> None:
    pipe.renew_locks()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, LineStream):
            stream.renew_lock()


def _show_warning(message: Any, category: type[Warning], *_where: Any, **_more: Any) -> None:
    logging.getLogger("py.warnings").warning("%s: %s", category.__name__, message)


def _log_end_of_thread(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread is not None else "unknown"
    if args.exc_value is not None:
        logging.getLogger("threading").error("thread %s ended", name, exc_info=_info(args.exc_value))


def _log_unraisable(args: Any) -> None:
    if args.exc_value is not None:
        logging.getLogger("python").error(
            "%s", args.err_msg or "an exception was passed over", exc_info=_info(args.exc_value)
        )


def _info(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    return type(error), error, error.__traceback__
