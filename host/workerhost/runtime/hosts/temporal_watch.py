"""Finds out that Temporal does not answer this host, also over connections that have gone silent without an end."""

import logging

from workerhost.errors import TemporalRefusedError, TemporalUnavailableError
from workerhost.runtime.hosts.host import Host
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.service_log.repeated_failures import RepeatedFailures

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
        self._failures = RepeatedFailures(log)
        self._unanswered = 0
        self._is_away = False

    def look(self) -> None:
        """Ask Temporal. Where that changes what is known, write it to the workers' rows and to the log."""
        error = self._ask()
        self._unanswered = self._unanswered + 1 if error is not None else 0
        was_away, self._is_away = self._is_away, self._unanswered >= LOOKS
        if self._is_away:
            self._failures.note("temporal", str(error))
        else:
            self._failures.over("temporal", "Temporal answers again")
        if self._is_away or was_away:  # also for workers that have come to poll since
            self._host.note_temporal(error)

    def _ask(self) -> Exception | None:
        try:
            self._temporal.check(LOOK_SECONDS)
        except (TemporalUnavailableError, TemporalRefusedError) as error:
            return error
        return None
