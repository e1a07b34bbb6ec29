"""The id of each request, and its line in the log."""

import logging
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from structlog.contextvars import bound_contextvars

from workerhost.service_log.configuring import REQUESTS_LOGGER
from workerhost.service_log.text import shortened

log = logging.getLogger(REQUESTS_LOGGER)

HEADER = "X-Request-Id"

REQUEST = "workerhost.request"
"""The key of a request's `RequestEntry` in the environment of the application."""

CLIENT_GONE = 499
"""The status in the log, as other servers write it, where a client left before its answer was begun."""

LONGEST_PATH = 500
"""Characters of a path in a line."""

_QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})
"""Asked for every few seconds by those who watch the service; lines about them are at DEBUG."""

_ID = re.compile(r"[A-Za-z0-9._:=+/@-]{1,128}")


def chosen_id(sent: str | None) -> str:
    """Return the id that a client sent with its request where that is short and plain, else a new one."""
    return sent if sent is not None and _ID.fullmatch(sent) else uuid.uuid4().hex


@dataclass
class RequestEntry:
    """What the log says of a request. Belongs to whichever thread answers it."""

    method: str
    path: str
    """Without the query, in which secrets may stand."""
    remote: str
    """The address that sent it; a proxy's where there is one."""
    sent_id: str | None = None
    project: str | None = None
    """That it is about, as far as its path says."""
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.id = chosen_id(self.sent_id)

    @contextmanager
    def being_answered(self) -> Iterator[None]:
        """Have the lines that are written in the block name the request."""
        with bound_contextvars(request_id=self.id, project=None):
            yield

    def write(self, status: int) -> None:
        """Write the line."""
        level = logging.DEBUG if self.path in _QUIET_PATHS else logging.INFO
        if not log.isEnabledFor(level):
            return
        milliseconds, path = round(1000 * (time.monotonic() - self.began), 1), shortened(self.path, LONGEST_PATH)
        fields = {
            "request_id": self.id,
            "method": self.method,
            "path": path,
            "status": status,
            "duration_ms": milliseconds,
            "remote": self.remote,
            "project": self.project,
        }
        log.log(level, "%s %s: %d in %g ms", self.method, path, status, milliseconds, extra=fields)
