"""Refusals: what the client of a project is told, and what the log of the host says."""

import logging

from workerhost.service_log.repeated_failures import RepeatedFailures

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
    """Says what of a project goes no further: each refusal once, then how often. Belongs to the proxy's thread.

    Args:
        project_id: named in each line.
        lines: most different refusals that are written in one pause.
    """

    def __init__(self, project_id: str, lines: int) -> None:
        self._project_id = project_id
        self._failures = RepeatedFailures(log, lines)

    def write(self, refusal: RefusedError) -> None:
        """Write one line, or count it."""
        detail = f" ({refusal.detail})" if refusal.detail else ""
        sentence = f"network of project {self._project_id}: {refusal.sentence}{detail}"
        self._failures.note("network", sentence, project=self._project_id)
