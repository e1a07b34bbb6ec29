"""The calls of the asynchronous client about what projects did and used."""

from collections.abc import AsyncIterator
from datetime import date, datetime

from workerhost.answers import ProjectUsage, StatisticsReport, UsageOfProject, UsagePage
from workerhost.client._async.connection import AsyncConnection
from workerhost.client.calls import reports as calls


class AsyncReportCalls(AsyncConnection):
    """What projects did, and what they used."""

    async def statistics(
        self,
        project_id: str | None = None,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        by: str | None = None,
        of: str | None = None,
    ) -> StatisticsReport:
        """Return how activities or runs ended, how long they took, and what deserves a look.

        Args:
            project_id: the project; None for all of them together.
            after: the beginning, with its zone; None for 24 hours before the end.
            before: the end, with its zone; None for now.
            by: what they are told apart by: `hour`, `day`, `activity`, `workflowType` or `build`; None for no groups.
            of: what is counted: `activities` or `runs`; None for what `by` tells apart, or else activities.
        """
        return await self.send(calls.statistics(project_id, after, before, by, of))

    async def usage(self, project_id: str, *, first: date | None = None, last: date | None = None) -> ProjectUsage:
        """Return what a project used on each day, in UTC.

        Args:
            project_id: the project, which may have been deleted.
            first: the first day; None for the first of the month of the last one.
            last: the last day, which counts too; None for today.
        """
        return await self.send(calls.usage(project_id, first, last))

    async def usage_page(
        self, limit: int = 50, cursor: str | None = None, *, first: date | None = None, last: date | None = None
    ) -> UsagePage:
        """Return what some projects used, by project id.

        Args:
            limit: how many projects at most.
            cursor: that of the page before; None for the first page.
            first: the first day; None for the first of the month of the last one.
            last: the last day, which counts too; None for today.
        """
        return await self.send(calls.usage_page(first, last, limit, cursor))

    async def usage_of_all(
        self, *, first: date | None = None, last: date | None = None, page_size: int = 100
    ) -> AsyncIterator[UsageOfProject]:
        """Yield what each project used that used anything, by project id; the days are those of `usage_page`."""
        async for page in self._pages(lambda cursor: calls.usage_page(first, last, page_size, cursor)):
            for project in page.projects:
                yield project
