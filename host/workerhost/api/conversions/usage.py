"""From usage to answers."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from workerhost.answers import ProjectUsage, UsageDay, UsageInfo, UsageOfProject
from workerhost.store.usage import UsageFigures


def project_usage(days: Iterable[tuple[date, UsageFigures]]) -> ProjectUsage:
    """Return the answer that shows what a project used on some days."""
    shown = list(days)
    total = sum((figures for _, figures in shown), UsageFigures())
    return ProjectUsage(
        days=tuple(UsageDay(date=day, **_rounded(figures)) for day, figures in shown),
        total=UsageInfo(**_rounded(total)),
    )


def usage_of_project(project_id: str, figures: UsageFigures) -> UsageOfProject:
    """Return the part of an answer that shows what one of several projects used."""
    return UsageOfProject(project_id=project_id, **_rounded(figures))


def _rounded(figures: UsageFigures) -> dict[str, Any]:
    """Return the figures with seconds to a thousandth, since sums of fractions have a long tail."""
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(figures).items()}
