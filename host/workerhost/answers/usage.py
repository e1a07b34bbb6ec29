"""What projects have used."""

import csv
import datetime
import io
from collections.abc import Iterable, Sequence

from workerhost.answers.base import Answer


class UsageInfo(Answer):
    """What was used in some time."""

    executions: int
    """Runs that began, those that continue others included."""
    actions: int
    """As Temporal Cloud counts them, as far as hosts see them."""
    activity_seconds: float
    """How long attempts of activities took, waiting included."""
    cpu_seconds: float
    """How long processes of the project ran on processors."""
    history_bytes: int
    """Of the histories of runs that ended."""
    publishes: int
    """Those that were accepted and changed something."""


class _OfDay(Answer):
    date: datetime.date
    """In UTC."""


class UsageDay(UsageInfo, _OfDay):  # in this order, since the date is to be the first field
    """What a project used on one day."""


class ProjectUsage(Answer):
    """What a project used, by day and in all; days on which it used nothing are left out."""

    days: tuple[UsageDay, ...]
    total: UsageInfo

    def to_csv(self) -> str:
        """Return the days as CSV, with a line of names first."""
        return _csv(UsageDay, self.days)


class _OfProject(Answer):
    project_id: str


class UsageOfProject(UsageInfo, _OfProject):
    """What one of several projects used."""


class UsagePage(Answer):
    """What projects used, by project, and where the next page begins; projects that used nothing are left out."""

    projects: tuple[UsageOfProject, ...]
    cursor: str | None = None
    """None on the last page."""

    def to_csv(self) -> str:
        """Return the projects as CSV, with a line of names first."""
        return _csv(UsageOfProject, self.projects)


def _csv(model: type[Answer], lines: Iterable[Answer]) -> str:
    names: Sequence[str] = [field.alias or name for name, field in model.model_fields.items()]
    text = io.StringIO()
    writer = csv.writer(text)  # with CRLF, as RFC 4180 has it
    writer.writerow(names)
    writer.writerows(each.to_json().values() for each in lines)
    return text.getvalue()
