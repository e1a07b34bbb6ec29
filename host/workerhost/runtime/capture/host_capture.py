"""Catches what code of projects logs and prints in the host itself, and what the SDK says there of its failures.

In the host everything goes through the same loggers and streams. What belongs to a project is told by the context and
the thread in which it is said, as `code.capture.origin` keeps them; everything else is left alone.
"""

import logging
import sys
from typing import Any

import temporalio.activity
import temporalio.workflow

from workerhost.code.build import PACKAGE
from workerhost.code.capture.origin import Origin, current_origin, is_silent
from workerhost.code.capture.records import ProjectLoggers, own_packages, said_of
from workerhost.code.capture.said import Said, Sink
from workerhost.code.capture.streams import LineStream
from workerhost.runtime.capture.failures import say_attempt_failed
from workerhost.service_log.tenants import (
    SDK_LOGGERS,
    SDK_WORKER_LOGGERS,
    is_activity_failure,
    tell_less_of_tenants,
)

_HOSTS_OWN = ("workerhost.", "temporalio.worker", "temporalio.core", "asyncio")
"""What the names of loggers begin with that are the host's, also while it works for a project."""


class HostCapture:
    """Stands between the host's loggers and streams and their readers. Started and stopped in the main thread.

    Args:
        passthrough: packages that all code shares, those of plugins among them, whose activities log for the project
            that they run for.
        hears_code: whether code of projects runs in this process, and what it prints is to be heard; what activities of
            plugins log that run here is heard in any case.
    """

    def __init__(self, passthrough: tuple[str, ...], *, hears_code: bool) -> None:
        self._packages = own_packages(passthrough)
        self._loggers = ProjectLoggers(passthrough)
        self._hears_code = hears_code
        self._handler = _Handler(self)
        self._handlers: list[logging.Handler] = []
        self._streams: list[tuple[str, LineStream]] = []
        self._levels: dict[str, tuple[int, int]] = {}
        """What the loggers had whose level is changed: their own level, and the one that held."""

    def start(self) -> None:
        """Begin to listen. What others have set up of Python's logging must be there by now.

        Calling this again listens to what has come in the place of streams and handlers since.
        """
        temporalio.activity.logger.activity_info_on_message = False  # each line has that beside its message
        temporalio.workflow.logger.workflow_info_on_message = False
        for name in (*SDK_LOGGERS, *SDK_WORKER_LOGGERS):
            logging.getLogger(name).addFilter(self.is_left)
        for name in SDK_LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)  # each project has a level of its own
        self._listen_to_loggers()
        if self._hears_code:
            self._listen_to_streams()

    def _listen_to_loggers(self) -> None:
        root = logging.getLogger()
        self._handlers = [each for each in root.handlers if each is not self._handler]
        for handler in self._handlers:
            handler.addFilter(self.is_left_by_handler)
        root.addHandler(self._handler)
        for name in (PACKAGE, *self._packages):  # above the loggers that modules name after themselves
            logger = logging.getLogger(name)
            self._levels.setdefault(name, (logger.level, logger.getEffectiveLevel()))
            logger.setLevel(logging.DEBUG)

    def _listen_to_streams(self) -> None:
        for name, level in (("stdout", logging.INFO), ("stderr", logging.WARNING)):
            beneath: Any = getattr(sys, name)
            if not isinstance(beneath, LineStream):
                stream = LineStream(beneath, level, _say, takes_all=False)
                setattr(sys, name, stream)
                self._streams.append((name, stream))

    def stop(self) -> None:
        """Listen no more. Calling this again does nothing."""
        for name in (*SDK_LOGGERS, *SDK_WORKER_LOGGERS):
            logging.getLogger(name).removeFilter(self.is_left)
        for handler in self._handlers:
            handler.removeFilter(self.is_left_by_handler)
        logging.getLogger().removeHandler(self._handler)
        for name, stream in self._streams:
            if getattr(sys, name) is stream:
                setattr(sys, name, stream.beneath)
        for name, (level, _effective) in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._handlers, self._streams, self._levels = [], [], {}

    def is_left(self, record: logging.LogRecord) -> bool:
        """Tell whether a record of the SDK's loggers is left to the service's log; take it where it is a project's."""
        origin = current_origin()
        if record.name in SDK_WORKER_LOGGERS or origin is None or origin.sink is None:
            return record.levelno >= logging.WARNING and tell_less_of_tenants(record)
        if is_activity_failure(record):
            _say_failure(record, origin, origin.sink)
        else:
            self._say(record, origin)
        return False

    def is_left_by_handler(self, record: logging.LogRecord) -> bool:
        """Tell whether a record of any logger is left to the service's log."""
        origin = current_origin()
        if origin is not None and origin.sink is not None:
            return record.name.startswith(_HOSTS_OWN)
        known = self._levels.get(record.name.partition(".")[0])
        return known is None or record.levelno >= known[1]

    def hear(self, record: logging.LogRecord) -> None:
        """Take a record of any logger where it is a project's."""
        origin = current_origin()
        if origin is None or record.name in SDK_LOGGERS or self.is_left_by_handler(record):
            return
        if self._loggers.is_taken(record):
            self._say(record, origin)

    def _say(self, record: logging.LogRecord, origin: Origin) -> None:
        if origin.sink is not None and not is_silent():
            try:
                origin.sink(said_of(record, origin))
            except Exception:
                self._handler.handleError(record)


class _Handler(logging.Handler):
    """Hears the records of all loggers. Used from any thread."""

    def __init__(self, capture: HostCapture) -> None:
        super().__init__()
        self._capture = capture

    def emit(self, record: logging.LogRecord) -> None:
        """Hear a record."""
        self._capture.hear(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Pass over a record that cannot be read: its own code failed."""


def _say(said: Said) -> None:
    if said.origin is not None and said.origin.sink is not None:
        said.origin.sink(said)


def _say_failure(record: logging.LogRecord, origin: Origin, sink: Sink) -> None:
    """Say in the project's log that an attempt has failed; the SDK calls this where the activity's context is."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        say_attempt_failed(sink, origin, temporalio.activity.info(), error)
