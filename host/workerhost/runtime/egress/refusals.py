"""Refusals: what the client of a project is told, and what the log of the host says."""

import logging
import time

log = logging.getLogger(__name__)

REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
"""By status, those that a client may be answered with."""

_MINUTE = 60
_LONGEST_DETAIL = 300
"""Characters; what a target sends may stand in it."""


class RefusedError(Exception):
    """A request goes no further.

    Attributes:
        status: the HTTP status of the answer.
        sentence: for the client; printable ASCII.
        detail: for the log alone, such as an address that a project need not know.
    """

    def __init__(self, status: int, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.detail = detail[:_LONGEST_DETAIL]


class RefusalLog:
    """Writes a bounded number of lines a minute about one project. Belongs to the proxy's thread.

    Args:
        project_id: named in each line.
        lines: of a minute.
    """

    def __init__(self, project_id: str, lines: int) -> None:
        self._project_id = project_id
        self._lines = lines
        self._minute_began = -float(_MINUTE)
        self._count = 0

    def write(self, refusal: RefusedError) -> None:
        """Write one line, or count it where there were too many."""
        now = time.monotonic()
        if now - self._minute_began >= _MINUTE:
            self._begin_minute(now)
        self._count += 1
        if self._count <= self._lines:
            detail = f" ({refusal.detail})" if refusal.detail else ""
            log.warning("network of project %s: %s%s", self._project_id, refusal.sentence, detail)

    def _begin_minute(self, now: float) -> None:
        unwritten = self._count - self._lines
        if unwritten > 0:
            log.warning("network of project %s: %d more requests went no further", self._project_id, unwritten)
        self._minute_began, self._count = now, 0
