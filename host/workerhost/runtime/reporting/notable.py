"""Finds the activities and workflow types that deserve a look."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from workerhost.runtime.reporting.attention import FAILING_SHARE, FEWEST, FEWEST_SLOW, SLOW_MS, reasons, unused
from workerhost.runtime.reporting.figures import Attention, Counted
from workerhost.store.statistics_sums import DefinedNames, FiguresOfMany, Notable, StatisticsSums, Within

KINDS = {Counted.ACTIVITIES: "activity", Counted.RUNS: "workflow type"}

WEEK = timedelta(days=7)
"""The time before, with which is compared."""

MOST_NOTABLE = 100
"""That are named of each kind because of what they did, and as many because they did nothing."""

MOST_COMPARED = 1000
"""That are compared with the week before, those that took the most time altogether."""

PROJECTS_AT_ONCE = 500
"""Whose builds are read at once."""

_NOTABLE = Notable(FEWEST, FAILING_SHARE, FEWEST_SLOW, SLOW_MS)


class NotableFinder:
    """Looks through the figures of a project or of all. Safe to use from any thread; every call may block.

    Args:
        sums: of the figures that hosts have written.
    """

    def __init__(self, sums: StatisticsSums) -> None:
        self._sums = sums

    def find(self, within: Within) -> list[Attention]:
        """Return what deserves a look, and why: what failed most often first, and what was never used last.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        found = [each for counted in Counted for each in self._remarkable(counted, within)]
        return [*found, *self._unused(within)]

    def _remarkable(self, counted: Counted, within: Within) -> Iterator[Attention]:
        longest = _by_key(self._sums.longest(counted, within, MOST_COMPARED))
        # What is notable by itself may be none of those.
        names = _by_key(self._sums.notable(counted, within, _NOTABLE, MOST_NOTABLE)) | longest
        before = Within(within.after - WEEK, within.after, within.project_id, ends_before=True)
        earlier = _by_key(self._sums.named(counted, before, list(longest))) if longest else {}
        left = MOST_NOTABLE
        for key, figures in names.items():
            why = reasons(figures, earlier.get(key))
            for reason in why:
                yield Attention(f"{KINDS[counted]} {key[1]}", reason, key[0])
            left -= bool(why)
            if not left:
                return

    def _unused(self, within: Within) -> Iterator[Attention]:
        left = dict.fromkeys(KINDS.values(), MOST_NOTABLE)
        after = ""
        while any(left.values()) and (builds := self._sums.defined(within.project_id, after, PROJECTS_AT_ONCE)):
            after = builds[-1].project_id
            for project_id, kind, name in self._unused_of(builds, within):
                if left[kind]:
                    left[kind] -= 1
                    yield Attention(f"{kind} {name}", "it was never used in this time", project_id)
            if len(builds) < PROJECTS_AT_ONCE:
                return

    def _unused_of(self, builds: list[DefinedNames], within: Within) -> Iterator[tuple[str, str, str]]:
        first, last = builds[0].project_id, builds[-1].project_id
        used = {KINDS[counted]: self._sums.used(counted, within, first, last) for counted in Counted}
        for build in builds:
            names = {kind: of_kind.get(build.project_id, set()) for kind, of_kind in used.items()}
            if any(names.values()):  # a project that does nothing has nothing to compare with
                defined = {KINDS[Counted.ACTIVITIES]: build.activities, KINDS[Counted.RUNS]: build.runs}
                for kind, name in unused(defined, names):
                    yield build.project_id, kind, name


def _by_key(found: Iterable[FiguresOfMany]) -> dict[tuple[str, ...], FiguresOfMany]:
    return {each.key: each for each in found}
