"""What is said of workers that cannot serve: of a thousand that fail for the same reason, not the same each second."""

import logging

from workerhost.errors import TemporalUnavailableError
from workerhost.service_log.repeated_failures import RepeatedFailures

log = logging.getLogger(__name__)

_failures = RepeatedFailures(log)
"""Of all workers of this process."""

_TEMPORAL = ("temporal",)
"""The key of what all wait for; ids of projects are texts."""


def note_failure(project_id: str, error: Exception | None, delay: float) -> None:
    """Say why a worker does not serve. That Temporal is away is said once for all projects of the host.

    Args:
        project_id: whose worker it is.
        error: why it does not.
        delay: seconds until it tries again.
    """
    if isinstance(error, TemporalUnavailableError):
        _failures.note(_TEMPORAL, f"workers wait for Temporal: {error}", project=project_id)
    else:
        seconds = round(delay, 1)
        _failures.note(project_id, f"project {project_id}: {error}", project=project_id, next_try_seconds=seconds)


def note_polls(project_id: str) -> None:
    """Say that a worker polls, where it could not before."""
    log.debug("project %s: its worker polls", project_id, extra={"project": project_id})
    _failures.over(_TEMPORAL, "workers reach Temporal again")
    _failures.over(project_id, f"project {project_id}: its worker polls", project=project_id)


def forget(project_id: str) -> None:
    """Forget that a worker failed, which is to end."""
    _failures.forget(project_id)
