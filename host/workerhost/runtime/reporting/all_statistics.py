"""The statistics of all projects together."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from workerhost.runtime.reporting.attention import FAILING_SHARE, FEWEST, FEWEST_SLOW, SLOW_MS, reasons
from workerhost.runtime.reporting.figures import (
    MOST_SKETCHES,
    Attention,
    Counted,
    FiguresSum,
    StatisticsBy,
    StatisticsFound,
)
from workerhost.runtime.reporting.project_statistics import KINDS, in_order, period_name
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store import Store
from workerhost.store.statistics_sums import Notable

MOST_GROUPS = 1000
"""Activities, workflow types or builds that are told apart, those with most executions."""

MOST_NOTABLE = 100
"""Of each kind."""

_COLUMNS = {
    StatisticsBy.ACTIVITY: "activity_name",
    StatisticsBy.WORKFLOW_TYPE: "workflow_type",
    StatisticsBy.BUILD: "build_id",
}


class AllStatistics:
    """Reads what hosts have written of all projects. Safe to use from any thread; every call may block.

    The database makes the sums. Percentiles are of those that ran most often, since there may be too many sketches.

    Args:
        store: where the figures are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, after: datetime, before: datetime, by: StatisticsBy | None, counted: Counted) -> StatisticsFound:
        """Return what there is to say of all projects; groups of the same name are one, whosever they are.

        Args:
            after: hours and days that end after this time count,
            before: and begin before this one, as a whole each.
            by: what they are told apart by; None for no groups.
            counted: activities or runs.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        total, groups = self._counts(after, before, by, counted)
        share = self._add_sketches(total, groups, after, before, by, counted)
        attention = [each for kind in Counted for each in self._notable(kind, after, before)]
        return StatisticsFound(after, before, counted, total.figures(), in_order(groups, by), share, attention)

    def _counts(
        self, after: datetime, before: datetime, by: StatisticsBy | None, counted: Counted
    ) -> tuple[FiguresSum, dict[str, FiguresSum]]:
        total, groups = FiguresSum(), defaultdict[str, FiguresSum](FiguresSum)
        for each in self._store.statistics_sums.by_period(counted, after, before):
            total.add(each.figures)
            if by in (StatisticsBy.HOUR, StatisticsBy.DAY):
                groups[period_name(each.period, each.start, by)].add(each.figures)
        if by in _COLUMNS:
            for found in self._store.statistics_sums.by_column(counted, _COLUMNS[by], after, before, MOST_GROUPS):
                groups[found.key[0]].add(found)
        return total, dict(groups)

    def _add_sketches(  # noqa: PLR0913, PLR0917  what is asked for, and what is known of it
        self,
        total: FiguresSum,
        groups: dict[str, FiguresSum],
        after: datetime,
        before: datetime,
        by: StatisticsBy | None,
        counted: Counted,
    ) -> float:
        """Add the sketches; return the share of the executions that these are of."""
        is_of_time = by in (StatisticsBy.HOUR, StatisticsBy.DAY)
        columns = ["period", "period_start"] if is_of_time else [_COLUMNS[by]] if by in _COLUMNS else []
        executions = 0
        for each in self._store.statistics_sums.sketches(counted, columns, after, before, MOST_SKETCHES):
            executions += each.executions
            sketch = DurationSketch.from_bytes(each.sketch)
            total.add_sketch(sketch)
            if by is None:
                continue
            value = period_name(each.key[0], datetime.fromisoformat(each.key[1]), by) if is_of_time else each.key[0]
            if value in groups:
                groups[value].add_sketch(sketch)
        # A host may have written meanwhile, so that there are more than were counted.
        return min(executions / total.executions, 1.0) if total.executions else 1.0

    def _notable(self, counted: Counted, after: datetime, before: datetime) -> Iterator[Attention]:
        notable = Notable(FEWEST, FAILING_SHARE, FEWEST_SLOW, SLOW_MS)
        for found in self._store.statistics_sums.notable(counted, after, before, notable, MOST_NOTABLE):
            project_id, name = found.key
            figures = FiguresSum()
            figures.add(found)
            for reason in reasons(figures):
                yield Attention(f"{KINDS[counted]} {name}", reason, project_id)
