"""Finds out that Temporal does not answer this host, also over connections that have gone silent without an end."""

import logging

from workerhost.errors import TemporalRefusedError, TemporalUnavailableError
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.temporal.connection import TemporalConnection

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
"""How often Temporal is asked, and how long it may take to answer."""

LOOKS = 2
"""How many questions in a row must go without an answer, so that a busy moment is not taken for an absence."""


class TemporalWatch:
    """Says of the workers of a host that poll for nothing. `look` belongs to one job.

    Args:
        temporal: is asked.
        host: whose workers they are.
    """

    def __init__(self, temporal: TemporalConnection, host: Host) -> None:
        self._temporal = temporal
        self._host = host
        self._unanswered = 0
        self._is_away = False

    def look(self) -> None:
        """Ask Temporal. Where that changes what is known, write it to the workers' rows and to the log, once."""
        error: Exception | None = None
        try:
            self._temporal.check(LOOK_SECONDS)
            self._unanswered = 0
        except (TemporalUnavailableError, TemporalRefusedError) as found:
            error = found
            self._unanswered += 1
        if error is None and self._is_away:
            log.info("Temporal answers again")
        elif error is not None and self._unanswered == LOOKS and not self._is_away:
            log.warning("%s", error)
        is_away = self._unanswered >= LOOKS if error is not None else False
        if is_away or self._is_away:
            self._host.note_temporal(error if is_away else None)
        self._is_away = is_away
