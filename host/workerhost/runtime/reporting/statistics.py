"""The statistics of a project, and of all projects together."""

from collections import defaultdict
from datetime import UTC, datetime

from workerhost.observed import Period
from workerhost.runtime.reporting.figures import Counted, FiguresSum, Group, StatisticsBy, StatisticsFound
from workerhost.runtime.reporting.notable import NotableFinder
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store import Store
from workerhost.store.statistics_sums import Within

MOST_SKETCHES = 3000
"""That are merged for one answer, the busiest first: each takes 0.1 to 0.4 ms."""

MOST_GROUPS = 1000
"""Activities, workflow types or builds that are told apart, those with most executions."""

_TIMES = (StatisticsBy.HOUR, StatisticsBy.DAY)
_COLUMNS = {
    StatisticsBy.ACTIVITY: "activity_name",
    StatisticsBy.WORKFLOW_TYPE: "workflow_type",
    StatisticsBy.BUILD: "build_id",
}


class StatisticsReports:
    """Reads what hosts have written. Safe to use from any thread; every call may block.

    What a host has not written yet is missing: that of a heartbeat at most. The database makes the sums. Percentiles
    are of those that ran most often, since there may be too many sketches.

    Args:
        store: where the figures are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sums = store.statistics_sums
        self._notable = NotableFinder(store.statistics_sums)

    def report(
        self,
        project_id: str | None,
        after: datetime,
        before: datetime,
        by: StatisticsBy | None,
        counted: Counted,
    ) -> StatisticsFound:
        """Return what there is to say of a project, or of all; groups of the same name are one, whosever they are.

        Args:
            project_id: whose figures; None for all.
            after: hours and days that end after this time count,
            before: and begin before this one, as a whole each.
            by: what they are told apart by; None for no groups.
            counted: activities or runs.

        Raises:
            NotFoundError: there is no such project.
            StoreUnavailableError: the database does not answer.
        """
        if project_id is not None:
            self._store.projects.get(project_id)
        within = Within(after, before, project_id)
        total, groups = self._counts(within, by, counted)
        share = self._add_sketches(total, groups, within, by, counted)
        return StatisticsFound(
            after, before, counted, total.figures(), _in_order(groups, by), share, self._notable.find(within)
        )

    def _counts(
        self, within: Within, by: StatisticsBy | None, counted: Counted
    ) -> tuple[FiguresSum, dict[str, FiguresSum]]:
        total, groups = FiguresSum(), defaultdict[str, FiguresSum](FiguresSum)
        for each in self._sums.by_period(counted, within):
            total.add(each.figures)
            if by in _TIMES:
                groups[_period_name(each.period, each.start, by)].add(each.figures)
        if by in _COLUMNS:
            for found in self._sums.by_column(counted, _COLUMNS[by], within, MOST_GROUPS):
                groups[found.key[0]].add(found)
        return total, dict(groups)

    def _add_sketches(
        self,
        total: FiguresSum,
        groups: dict[str, FiguresSum],
        within: Within,
        by: StatisticsBy | None,
        counted: Counted,
    ) -> float:
        """Add the sketches; return the share of the executions that these are of."""
        columns = ["period", "period_start"] if by in _TIMES else [_COLUMNS[by]] if by in _COLUMNS else []
        executions = 0
        for each in self._sums.sketches(counted, columns, within, MOST_SKETCHES):
            executions += each.executions
            sketch = DurationSketch.from_bytes(each.sketch)
            total.add_sketch(sketch)
            if by is None:
                continue
            value = each.key[0]
            if by in _TIMES:
                value = _period_name(Period(value), datetime.fromisoformat(each.key[1]), by)
            if value in groups:
                groups[value].add_sketch(sketch)
        # A host may have written meanwhile, so that there are more than were counted.
        ended = total.counts.executions
        return min(executions / ended, 1.0) if ended else 1.0


def _in_order(groups: dict[str, FiguresSum], by: StatisticsBy | None) -> list[Group]:
    """Return groups: hours and days by time, others by executions."""
    ordered = sorted(groups.items())
    if by not in _TIMES:
        ordered.sort(key=lambda item: -item[1].counts.executions)
    return [Group(value, figures.figures()) for value, figures in ordered]


def _period_name(period: Period, start: datetime, by: StatisticsBy) -> str:
    """Return a day, or an hour where that is asked for and its day is not merged yet."""
    start = start.astimezone(UTC)
    is_hour = by == StatisticsBy.HOUR and period == Period.HOUR
    return f"{start:%Y-%m-%dT%H:%M:%SZ}" if is_hour else f"{start:%Y-%m-%d}"
