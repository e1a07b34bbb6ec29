"""From statistics to answers."""

from dataclasses import asdict
from typing import Any

from workerhost.answers import AttentionInfo, StatisticsGroup, StatisticsReport
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
    return {name: round(value, 1) if isinstance(value, float) else value for name, value in asdict(figures).items()}
