"""What deserves a look, and why, by figures that are enough to mean something."""

from collections.abc import Iterable, Mapping

from workerhost.model import DYNAMIC
from workerhost.observed import OTHERS, EndCounts

FAILING_SHARE = 0.05
"""More than this share of failures and timeouts deserves a look."""

SLOW_MS = 5000
"""More than this on average does."""

SLOWER_SHARE, SLOWER_MS = 0.5, 100
"""So much longer than in the week before, by both, does."""

FEWEST, FEWEST_SLOW = 20, 5
"""Executions that shares and changes must be of to mean something, and for which an average is one."""


def reasons(now: EndCounts, before: EndCounts | None = None) -> list[str]:
    """Return why an activity or a workflow type deserves a look, each reason as a sentence; none where it does not.

    Args:
        now: of the time that is looked at.
        before: of the week before; None where that is not known.
    """
    found = []
    failed = now.failures + now.timeouts
    if now.executions >= FEWEST and failed > FAILING_SHARE * now.executions:
        found.append(f"{100 * failed / now.executions:.0f}% of {now.executions} executions failed")
    average = now.average_ms or 0.0
    if now.executions >= FEWEST_SLOW and average > SLOW_MS:
        found.append(f"it takes {_seconds(average)} on average")
    if before is not None and min(now.executions, before.executions) >= FEWEST:
        was = before.average_ms or 0.0
        if average > (1 + SLOWER_SHARE) * was and average > was + SLOWER_MS:
            share = f", {100 * (average / was - 1):.0f}% longer than" if was else ", more than"
            found.append(f"it takes {_seconds(average)} on average{share} the {_seconds(was)} of the week before")
    first_attempts = now.executions - now.retries
    if now.executions >= FEWEST and now.retries > first_attempts:
        found.append(f"it was retried more often than run: {now.retries} retries of {first_attempts} first attempts")
    return found


def unused(defined: Mapping[str, Iterable[str]], used: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    """Return kind and name of what is defined and was not used.

    Nothing is said of a kind of which some were counted under `OTHERS`: what has no count of its own may be among them.

    Args:
        defined: names by kind.
        used: the same, of what was executed.
    """
    names_used = {kind: set(used.get(kind, ())) for kind in defined}
    return [
        (kind, name)
        for kind, names in defined.items()
        if OTHERS not in names_used[kind]
        for name in sorted(set(names) - names_used[kind] - {DYNAMIC})
    ]


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"
