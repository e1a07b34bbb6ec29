"""From statistics to answers."""

from dataclasses import asdict
from typing import Any

from workerhost.answers import AttentionInfo, StatisticsGroup, StatisticsReport
from workerhost.observed import END_COUNTS
from workerhost.runtime.reporting.figures import Figures, StatisticsFound


def statistics_report(statistics: StatisticsFound) -> StatisticsReport:
    """Return the answer that shows statistics."""
    return StatisticsReport(
        counted=statistics.counted,
        **_rounded(statistics.total),
        percentiles_of=round(statistics.percentiles_of, 4),
        groups=tuple(StatisticsGroup(value=each.value, **_rounded(each.figures)) for each in statistics.groups),
        attention=tuple(AttentionInfo(**asdict(each)) for each in statistics.attention),
    )


def _rounded(figures: Figures) -> dict[str, Any]:
    """Return the figures with milliseconds to a tenth, which is more than a sketch knows."""
    counts = {each: getattr(figures.counts, each) for each in END_COUNTS if each != "total_duration_ms"}
    times = {
        "average_ms": figures.counts.average_ms,
        "p50_ms": figures.p50_ms,
        "p95_ms": figures.p95_ms,
        "p99_ms": figures.p99_ms,
    }
    return counts | {name: value and round(value, 1) for name, value in times.items()} | {"last": figures.last}
