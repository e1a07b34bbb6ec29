"""Sets the log of a process up: its form, its levels, and that all lines come in it."""

import logging
import os
import sys
import threading
from typing import Any, TextIO

import structlog

from workerhost.observation_settings import LogFormat
from workerhost.service_log.line_handler import LineHandler
from workerhost.service_log.lines import LineFormatter, console_lines, json_lines
from workerhost.service_log.redaction import LineRedactor, known_secrets
from workerhost.service_log.tenants import SDK_LOGGERS
from workerhost.settings import Settings

CORE_LOGGER = "temporalio.core"
"""Has the lines of the SDK's core, which is no Python, in a form that fits the others."""

REQUESTS_LOGGER = "workerhost.api.requests"
"""Has one line for each request."""

log = logging.getLogger(__name__)


def configure_logging(settings: Settings) -> None:
    """Write log lines to standard error: workerhost's and those of projects from the level that is set, others from
    WARNING. To be called once, in the main thread, before a process forks.
    """
    handler = LineHandler(sys.stderr)
    handler.setFormatter(line_formatter(settings, sys.stderr))
    handler.setLevel(settings.log_level)  # loggers that hear more do so for the logs of projects
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, LineHandler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a job that is late is run once, which needs no word
    for name in ("workerhost", CORE_LOGGER, *SDK_LOGGERS):
        logging.getLogger(name).setLevel(settings.log_level)
    if not settings.log_requests:
        logging.getLogger(REQUESTS_LOGGER).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_end_of_thread
    _pass_structlog_on()


def line_formatter(settings: Settings, stream: TextIO) -> LineFormatter:
    """Return what makes the lines for a stream; for people, they name the host only where there are several."""
    redactor = LineRedactor(known_secrets(settings.database_url, os.environ))
    is_terminal = stream.isatty()
    if settings.log_format == LogFormat.JSON or (settings.log_format == LogFormat.AUTO and not is_terminal):
        return json_lines(redactor)
    colors = is_terminal and not os.environ.get("NO_COLOR")
    return console_lines(redactor, colors=colors, without=() if settings.workers > 1 else ("host",))


def _log_end_of_thread(args: threading.ExceptHookArgs, /) -> None:
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else "unknown"
        log.error("the thread %s ended by a mistake", name, exc_info=args.exc_value)


def _pass_structlog_on() -> None:
    """Have what plugins write with structlog come through logging, in the same form."""
    processors: list[Any] = [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
