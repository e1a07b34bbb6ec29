"""The statistics of one project."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from workerhost.observed import Period
from workerhost.runtime.reporting.attention import reasons, unused
from workerhost.runtime.reporting.figures import (
    Attention,
    Counted,
    FiguresSum,
    Group,
    Measured,
    StatisticsBy,
    StatisticsFound,
    busiest,
    name_of,
)
from workerhost.runtime.statistics.sketch import DurationSketch
from workerhost.store import Store, WorkflowFigures
from workerhost.words import BuildId

KINDS = {Counted.ACTIVITIES: "activity", Counted.RUNS: "workflow type"}
WEEK = timedelta(days=7)

LENGTHS = {Period.HOUR: timedelta(hours=1), Period.DAY: timedelta(days=1)}


class ProjectStatistics:
    """Reads what hosts have written of a project. Safe to use from any thread; every call may block.

    What a host has not written yet is missing: that of a heartbeat at most.

    Args:
        store: where the figures are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(
        self, project_id: str, after: datetime, before: datetime, by: StatisticsBy | None, counted: Counted
    ) -> StatisticsFound:
        """Return what there is to say of a project.

        Args:
            project_id: whose figures.
            after: hours and days that end after this time count,
            before: and begin before this one, as a whole each.
            by: what they are told apart by; None for no groups.
            counted: activities or runs.

        Raises:
            NotFoundError: there is no such project.
            StoreUnavailableError: the database does not answer.
        """
        project = self._store.projects.get(project_id)
        rows = {each: self._rows(each, project_id, after, before) for each in Counted}
        total, groups, share = summed(rows[counted], by)
        attention = [*self._notable(project_id, rows, after), *self._unused(project_id, project.current_build, rows)]
        return StatisticsFound(after, before, counted, total.figures(), groups, share, attention)

    def _rows(self, counted: Counted, project_id: str, after: datetime, before: datetime) -> list[Measured]:
        statistics = self._store.statistics
        read: Callable[[datetime, datetime, str], Sequence[Measured]]
        read = statistics.activities if counted == Counted.ACTIVITIES else statistics.workflows
        found = read(after - LENGTHS[Period.DAY], before, project_id)
        return [row for row in found if row.period_start + LENGTHS[row.period] > after]

    def _notable(self, project_id: str, rows: dict[Counted, list[Measured]], after: datetime) -> Iterator[Attention]:
        for counted, found in rows.items():
            sums = by_name(found)
            before = by_name(self._rows(counted, project_id, after - WEEK, after)) if sums else {}
            for name, figures in sorted(sums.items()):
                for reason in reasons(figures, before.get(name)):
                    yield Attention(f"{KINDS[counted]} {name}", reason, project_id)

    def _unused(
        self, project_id: str, build_id: BuildId | None, rows: dict[Counted, list[Measured]]
    ) -> Iterator[Attention]:
        if build_id is None or not any(rows.values()):
            return  # a project that does nothing has nothing to compare with
        build = self._store.builds.get(project_id, build_id)
        if build is None:
            return
        defined = {KINDS[Counted.ACTIVITIES]: build.activity_names, KINDS[Counted.RUNS]: build.workflow_types}
        used = {KINDS[counted]: {name_of(row) for row in found} for counted, found in rows.items()}
        for kind, name in unused(defined, used):
            yield Attention(f"{kind} {name}", "it was never used in this time", project_id)


def by_name(rows: Sequence[Measured]) -> dict[str, FiguresSum]:
    """Return the sums of activities or workflow types by name."""
    sums: defaultdict[str, FiguresSum] = defaultdict(FiguresSum)
    for row in rows:
        sums[name_of(row)].add(row)
    return sums


def summed(rows: Sequence[Measured], by: StatisticsBy | None) -> tuple[FiguresSum, list[Group], float]:
    """Return the sum of all, that of each group, and the share of executions that the percentiles are of."""
    total, groups = FiguresSum(), defaultdict[str, FiguresSum](FiguresSum)
    for row in rows:
        total.add(row)
        if by is not None:
            groups[value_of(row, by)].add(row)
    taken = busiest(rows)
    for row in taken:
        sketch = DurationSketch.from_bytes(row.sketch)
        total.add_sketch(sketch)
        if by is not None:
            groups[value_of(row, by)].add_sketch(sketch)
    share = sum(row.executions for row in taken) / total.executions if total.executions else 1.0
    return total, in_order(groups, by), share


def in_order(groups: dict[str, FiguresSum], by: StatisticsBy | None) -> list[Group]:
    """Return groups: hours and days by time, others by executions."""
    ordered = sorted(groups.items())
    if by not in (StatisticsBy.HOUR, StatisticsBy.DAY):
        ordered.sort(key=lambda item: -item[1].executions)
    return [Group(value, figures.figures()) for value, figures in ordered]


def value_of(row: Measured, by: StatisticsBy) -> str:
    """Return the group that figures belong to."""
    match by:
        case StatisticsBy.HOUR | StatisticsBy.DAY:
            return period_name(row.period, row.period_start, by)
        case StatisticsBy.BUILD if isinstance(row, WorkflowFigures):
            return row.build_id
        case _:
            return name_of(row)


def period_name(period: str, start: datetime, by: StatisticsBy) -> str:
    """Return a day, or an hour where that is asked for and its day is not merged yet."""
    start = start.astimezone(UTC)
    is_hour = by == StatisticsBy.HOUR and period == Period.HOUR
    return f"{start:%Y-%m-%dT%H:%M:%SZ}" if is_hour else f"{start:%Y-%m-%d}"
