"""Timeouts of whole runs."""

from workerhost_drawings.flow.chains import timed
from workerhost_drawings.flow.expressions import Value
from workerhost_drawings.flow.steps import Flow, While
from workerhost_drawings.problems import Findings


def limited(flow: Flow, timeout: int | None, findings: Findings) -> Flow:
    """Return the flow of a run with a timeout around it.

    Args:
        flow: of the run.
        timeout: milliseconds, or None for none.
        findings: where a warning goes if the timeout has no effect.
    """
    if timeout is None:
        return flow
    if any(isinstance(each, While) and (each.reset_after or each.reset_history) for each in flow.steps):
        findings.warning(
            "The timeout of the whole drawing has no effect where a loop continues as new. Start it with "
            "executionTimeoutSeconds.",
            path="timeout",
        )
        return flow
    error = {
        "type": "Timeout",
        "status": 408,
        "title": "The run took too long",
        "detail": f"The run took longer than {timeout / 1000:g} s.",
    }
    return timed(flow, {"id": "/timeout", "after": timeout, "error": Value(value=error)})
