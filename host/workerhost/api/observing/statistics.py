"""How often code of projects ran, how that ended, how long it took, and what of that deserves a look."""

from flask import Blueprint, Response

from workerhost.answers import StatisticsReport
from workerhost.api.conversions import statistics_report
from workerhost.api.describing.call import described
from workerhost.api.reading.body import service
from workerhost.api.reading.days import TimesQuery
from workerhost.api.reading.fields import Id
from workerhost.api.response import respond
from workerhost.api.waiting import waits
from workerhost.errors import InvalidRequestError
from workerhost.runtime.reporting.figures import Counted, StatisticsBy
from workerhost.runtime.reporting.statistics import StatisticsReports

blueprint = Blueprint("statistics", __name__)

_COUNTED = {
    StatisticsBy.ACTIVITY: Counted.ACTIVITIES,
    StatisticsBy.WORKFLOW_TYPE: Counted.RUNS,
    StatisticsBy.BUILD: Counted.RUNS,
}
"""What can be told apart by something that the other has not."""


class StatisticsQuery(TimesQuery):
    """Which figures, from when to when."""

    by: StatisticsBy | None = None
    """What they are told apart by."""
    of: Counted | None = None
    """What is counted; without it, runs by workflow type or build, and activities otherwise."""

    def counted(self) -> Counted:
        """Return what is counted.

        Raises:
            InvalidRequestError: that cannot be told apart so.
        """
        fitting = _COUNTED.get(self.by) if self.by else None
        if fitting is not None and self.of not in (None, fitting):
            raise InvalidRequestError(f"of is {self.of}, which have no {self.by}; by={self.by} goes with of={fitting}")
        return fitting or self.of or Counted.ACTIVITIES


@blueprint.get("/projects/<project_id>/statistics")
@described(StatisticsReport, name="getStatistics")
@waits
def get_statistics(project_id: Id, query: StatisticsQuery) -> Response:
    """Show how activities or runs of the project ended, how long they took, and what deserves a look."""
    return _report(project_id, query)


@blueprint.get("/statistics")
@described(StatisticsReport, name="getAllStatistics")
@waits
def all_statistics(query: StatisticsQuery) -> Response:
    """Show how activities or runs of all projects ended, how long they took, and what deserves a look."""
    return _report(None, query)


def _report(project_id: str | None, query: StatisticsQuery) -> Response:
    after, before = query.times()
    reports = StatisticsReports(service().store)
    return respond(statistics_report(reports.report(project_id, after, before, query.by, query.counted())))
