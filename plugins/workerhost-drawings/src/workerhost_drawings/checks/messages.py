"""Checks that what webhooks send to runs is waited for."""

from collections.abc import Collection, Mapping

from workerhost_drawings.checks.near import near
from workerhost_drawings.problems import Findings


def check_messages(
    signals: Mapping[str, str], updates: Mapping[str, str], received: Collection[str], findings: Findings
) -> None:
    """Warn about signals that nobody waits for, and refuse such updates.

    Args:
        signals: their names, and the nodes that send them.
        updates: their names, each also that of the signal that takes it, and the nodes that bring them.
        received: the names of signals that are waited for.
        findings: where problems and warnings go.
    """
    for signal, sender in signals.items():
        if signal not in received:
            findings.warning(f"No node waits for the signal {signal}, which this webhook sends.", sender)
    for update, sender in updates.items():
        if update not in {*received, "?"}:  # a name that is none is a problem already
            findings.problem(
                f"No node waits for the signal {update}, and one must take what this update brings."
                f"{near(update, sorted(received))}",
                sender,
            )
